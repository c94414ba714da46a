//! The options of curl and wget.

use super::shell::{Shell, Words};
use super::{Command, Program, Word, urlencoded};
use crate::issue::Issue;
use crate::rules;

/// Long options of curl that take an argument, beside those that are read.
const CURL_LONG: &[&str] = &[
    "--abstract-unix-socket",
    "--alt-svc",
    "--aws-sigv4",
    "--cacert",
    "--capath",
    "--cert",
    "--cert-type",
    "--ciphers",
    "--config",
    "--connect-timeout",
    "--connect-to",
    "--continue-at",
    "--cookie-jar",
    "--create-file-mode",
    "--crlfile",
    "--curves",
    "--delegation",
    "--dns-interface",
    "--dns-ipv4-addr",
    "--dns-ipv6-addr",
    "--dns-servers",
    "--doh-url",
    "--dump-header",
    "--ech",
    "--egd-file",
    "--engine",
    "--etag-compare",
    "--etag-save",
    "--expect100-timeout",
    "--ftp-account",
    "--ftp-alternative-to-user",
    "--ftp-method",
    "--ftp-port",
    "--ftp-ssl-ccc-mode",
    "--happy-eyeballs-timeout-ms",
    "--haproxy-clientip",
    "--hostpubmd5",
    "--hostpubsha256",
    "--hsts",
    "--interface",
    "--ip-tos",
    "--ipfs-gateway",
    "--keepalive-cnt",
    "--keepalive-time",
    "--key",
    "--key-type",
    "--krb",
    "--libcurl",
    "--limit-rate",
    "--local-port",
    "--login-options",
    "--mail-auth",
    "--mail-from",
    "--mail-rcpt",
    "--max-filesize",
    "--max-redirs",
    "--max-time",
    "--netrc-file",
    "--noproxy",
    "--output",
    "--output-dir",
    "--parallel-max",
    "--pass",
    "--pinnedpubkey",
    "--preproxy",
    "--proto",
    "--proto-default",
    "--proto-redir",
    "--proxy",
    "--proxy-cacert",
    "--proxy-capath",
    "--proxy-cert",
    "--proxy-cert-type",
    "--proxy-ciphers",
    "--proxy-crlfile",
    "--proxy-header",
    "--proxy-key",
    "--proxy-key-type",
    "--proxy-pass",
    "--proxy-pinnedpubkey",
    "--proxy-service-name",
    "--proxy-tls13-ciphers",
    "--proxy-tlsauthtype",
    "--proxy-tlspassword",
    "--proxy-tlsuser",
    "--proxy-user",
    "--proxy1.0",
    "--pubkey",
    "--quote",
    "--random-file",
    "--range",
    "--rate",
    "--referer",
    "--request-target",
    "--resolve",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--sasl-authzid",
    "--service-name",
    "--socks4",
    "--socks4a",
    "--socks5",
    "--socks5-gssapi-service",
    "--socks5-hostname",
    "--speed-limit",
    "--speed-time",
    "--stderr",
    "--telnet-option",
    "--tftp-blksize",
    "--time-cond",
    "--tls-max",
    "--tls13-ciphers",
    "--tlsauthtype",
    "--tlspassword",
    "--tlsuser",
    "--trace",
    "--trace-ascii",
    "--trace-config",
    "--unix-socket",
    "--variable",
    "--vlan-priority",
];

/// Short ones.
const CURL_SHORT: &str = "CDEKPQYceompqrtxyz";

/// Short options of curl that take an argument and are read.
const CURL_READ: &str = "AFHTUXbduw";

/// Long options of wget that take an argument, where it may be a word of its own.
const WGET_LONG: &[&str] = &[
    "--append-output",
    "--ca-certificate",
    "--certificate",
    "--connect-timeout",
    "--directory-prefix",
    "--http-password",
    "--http-user",
    "--input-file",
    "--load-cookies",
    "--output-document",
    "--output-file",
    "--password",
    "--post-file",
    "--body-file",
    "--private-key",
    "--read-timeout",
    "--save-cookies",
    "--timeout",
    "--tries",
    "--user",
    "--wait",
];

/// Short ones.
const WGET_SHORT: &str = "ABDGIOPQRTXaeilotw";

/// Reads the words that follow the program's name.
pub(super) fn read(words: &mut Words, program: Program, shell: &Shell) -> Command {
    let mut reader = Reader {
        words,
        command: Command::default(),
        data: Vec::new(),
        in_query: Vec::new(),
        powershell: shell.is_powershell(),
        curl: program == Program::Curl,
        get: false,
        json: false,
        header_open: false,
        ended: false,
    };
    while let Some((word, quoted)) = reader.word() {
        reader.take(word, quoted);
        if reader.ended {
            break;
        }
    }
    reader.finish()
}

struct Reader<'w> {
    words: &'w mut Words,
    command: Command,
    data: Vec<String>,
    /// Parameters that go to the URL.
    in_query: Vec<String>,
    powershell: bool,
    curl: bool,
    get: bool,
    json: bool,
    /// Whether a header had a name only, so that its value may be the next word.
    header_open: bool,
    ended: bool,
}

impl Reader<'_> {
    /// The next word as the program gets it, and whether it was quoted.
    fn word(&mut self) -> Option<(String, bool)> {
        let (text, quoted) = match self.words.next_word()? {
            Word::Text { text, quoted } => (text, quoted),
            other => (other.into_text(), true),
        };
        let escaped = text.matches("\\\"").count();
        // PowerShell hands quotes on to programs only if they are escaped once more.
        if self.powershell && escaped > 0 && escaped == text.matches('"').count() {
            Some((text.replace("\\\"", "\""), quoted))
        } else {
            Some((text, quoted))
        }
    }

    fn take(&mut self, word: String, quoted: bool) {
        if !quoted && self.is_operator(&word) {
            return;
        }
        if !word.starts_with('-') || word.len() == 1 {
            // The value of a header that was written as two words.
            if !std::mem::take(&mut self.header_open) && word != "-" {
                self.command.urls.push(word.trim().to_owned());
            }
            return;
        }
        self.header_open = false;
        if word.starts_with("--") {
            let (option, inline) = match word.split_once('=') {
                Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            self.option(&option, inline);
            return;
        }
        // Letters, of which the first that takes an argument takes the rest.
        let letters = word.char_indices().skip(1);
        for (at, letter) in letters {
            let rest = word.get(at + letter.len_utf8()..).unwrap_or_default();
            let (own, read) = if self.curl {
                (CURL_SHORT, CURL_READ)
            } else {
                (WGET_SHORT, "U")
            };
            if own.contains(letter) || read.contains(letter) {
                let inline = (!rest.is_empty()).then(|| rest.to_owned());
                self.option(&format!("-{letter}"), inline);
                return;
            }
            self.option(&format!("-{letter}"), None);
        }
    }

    /// Whether a word is the shell's: a redirection, a pipe, or the end of the command.
    fn is_operator(&mut self, word: &str) -> bool {
        if matches!(word, "&" | ")" | "}") || word.starts_with(['|', ';']) || word.starts_with("&&")
        {
            self.ended = true;
            return true;
        }
        let plain = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
        if let Some(rest) = plain.strip_prefix(['>', '<'])
            && word.len() - plain.len() < 2
        {
            if rest.trim_start_matches(['>', '|']).is_empty() {
                self.words.next_word();
            }
            return true;
        }
        false
    }

    fn option(&mut self, option: &str, inline: Option<String>) {
        let known = if self.curl {
            self.of_curl(option, inline)
        } else {
            self.of_wget(option, inline)
        };
        if let Some(inline) = known {
            let (long, short) = if self.curl {
                (CURL_LONG, CURL_SHORT)
            } else {
                (WGET_LONG, WGET_SHORT)
            };
            let letter = option.strip_prefix('-').filter(|letter| letter.len() == 1);
            let takes =
                long.contains(&option) || letter.is_some_and(|letter| short.contains(letter));
            if takes && inline.is_none() {
                self.word();
            }
        }
    }

    fn argument(&mut self, inline: Option<String>) -> String {
        let text = inline.or_else(|| self.word().map(|word| word.0));
        text.unwrap_or_default()
    }

    /// Gives the argument back if the option is unknown.
    fn of_curl(&mut self, option: &str, inline: Option<String>) -> Option<Option<String>> {
        match option {
            "--url" => {
                let url = self.argument(inline);
                self.command.urls.push(url.trim().to_owned());
            }
            "-X" | "--request" => {
                self.command.method = Some(self.argument(inline).to_ascii_uppercase());
            }
            "-H" | "--header" => {
                let header = self.argument(inline);
                self.header(&header);
            }
            "-u" | "--user" => {
                let user = self.argument(inline);
                self.command
                    .header("Authorization", &format!("Basic {user}"));
            }
            "--oauth2-bearer" => {
                let token = self.argument(inline);
                self.command
                    .header("Authorization", &format!("Bearer {token}"));
            }
            "-A" | "--user-agent" => {
                let agent = self.argument(inline);
                self.command.header("User-Agent", &agent);
            }
            "-b" | "--cookie" => {
                let cookie = self.argument(inline);
                // Without = it is a file's name.
                if cookie.contains('=') {
                    self.command.header("Cookie", &cookie);
                }
            }
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                let data = self.argument(inline);
                if data.starts_with('@') {
                    self.command.uploads = true
                } else {
                    self.data.push(data)
                }
            }
            "--data-raw" => {
                let data = self.argument(inline);
                self.data.push(data);
            }
            "--data-urlencode" => {
                let data = self.argument(inline);
                self.data.push(urlencoded(&data));
            }
            "--json" => {
                self.json = true;
                let data = self.argument(inline);
                if data.starts_with('@') {
                    self.command.uploads = true
                } else {
                    self.data.push(data)
                }
            }
            "--url-query" => {
                let query = self.argument(inline);
                self.in_query.push(match query.strip_prefix('+') {
                    Some(raw) => raw.to_owned(),
                    None => urlencoded(&query),
                });
            }
            "-F" | "--form" | "--form-string" => {
                self.argument(inline);
                self.command.uploads = true;
            }
            "-T" | "--upload-file" => {
                self.argument(inline);
                self.command.uploads = true;
                self.command.method.get_or_insert_with(|| "PUT".to_owned());
            }
            "-w" | "--write-out" => {
                self.argument(inline);
                self.command.writes_out = true;
            }
            "-G" | "--get" => self.get = true,
            "-I" | "--head" => {
                self.command.method.get_or_insert_with(|| "HEAD".to_owned());
            }
            "-U" => drop(self.argument(inline)),
            "--next" => self.ended = true,
            _ => return Some(inline),
        }
        None
    }

    fn of_wget(&mut self, option: &str, inline: Option<String>) -> Option<Option<String>> {
        match option {
            "--method" => self.command.method = Some(self.argument(inline).to_ascii_uppercase()),
            "--header" => {
                let header = self.argument(inline);
                self.header(&header);
            }
            "--post-data" | "--body-data" => {
                let data = self.argument(inline);
                self.data.push(data);
            }
            "--post-file" | "--body-file" => {
                self.argument(inline);
                self.command.uploads = true;
            }
            "-U" | "--user-agent" => {
                let agent = self.argument(inline);
                self.command.header("User-Agent", &agent);
            }
            "--spider" => self.command.method = Some("HEAD".to_owned()),
            _ => return Some(inline),
        }
        None
    }

    fn header(&mut self, header: &str) {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        // curl sends a field without value if it ends with a semicolon, and drops one that has none.
        let empty = header.ends_with(';') || header.starts_with('@');
        self.header_open = value.trim().is_empty() && !empty;
        if self.header_open {
            self.command.issues.push(Issue::new(&rules::SLIP_HEADER));
        } else if !empty {
            self.command.header(name, value);
        }
    }

    fn finish(self) -> Command {
        let mut command = self.command;
        let mut in_query = self.in_query;
        if !self.data.is_empty() {
            let joint = if self.json { "" } else { "&" };
            let data = self.data.join(joint);
            if self.get {
                in_query.push(data)
            } else {
                command.body = Some(data)
            }
        }
        if !in_query.is_empty() {
            command.add_query(&in_query.join("&"));
        }
        if self.json {
            command.usual_header("Content-Type", "application/json");
            command.usual_header("Accept", "application/json");
        } else if command.body.is_some() {
            command.usual_header("Content-Type", "application/x-www-form-urlencoded");
        }
        command
    }
}
