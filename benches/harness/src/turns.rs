//! Requests to another process, one at a time, and its answers: lines on its standard input and
//! output.

use crate::reading::Contestant;
use std::io::{self, BufRead, BufReader, Error, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Something that a process can time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name of what is timed.
    pub name: String,
    /// The places of the documents that it refuses, and leaves out.
    pub refused: Vec<usize>,
}

/// A process that times on request.
#[derive(Debug)]
pub struct Turns {
    program: String,
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it can time.
    pub offers: Vec<Offer>,
}

impl Turns {
    /// Starts `program` with a packed file of documents, and waits until it is ready.
    ///
    /// # Errors
    /// If it cannot be started or stops.
    pub fn start(program: &Path, documents: &Path) -> io::Result<Self> {
        Turns::command(Command::new(program), documents)
    }

    /// The same with a command, which gets the packed file as its last argument.
    ///
    /// # Errors
    /// If it cannot be started or stops.
    pub fn command(mut command: Command, documents: &Path) -> io::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .arg(documents)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let requests = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let answers = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut turns = Turns {
            program,
            child,
            requests,
            answers: BufReader::new(answers),
            offers: Vec::new(),
        };
        loop {
            let line = turns.line()?;
            if line.is_empty() {
                return Ok(turns);
            }
            let (name, refused) = line.split_once('\t').unwrap_or((&line, ""));
            turns.offers.push(Offer {
                name: name.to_owned(),
                refused: refused
                    .split_terminator(',')
                    .filter_map(|at| at.parse().ok())
                    .collect(),
            });
        }
    }

    /// How long `repeats` runs of what is offered under `name` take.
    ///
    /// # Errors
    /// If the process stops or does not offer the name.
    pub fn time(&mut self, name: &str, repeats: usize) -> io::Result<Duration> {
        writeln!(self.requests, "{name}\t{repeats}")?;
        self.requests.flush()?;
        let line = self.line()?;
        let nanoseconds = line.parse();
        let nanoseconds = nanoseconds.map_err(|_| self.failed(&format!("answered {line:?}")))?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(self.failed("stopped without an answer"));
        }
        Ok(line.trim_end_matches('\n').to_owned())
    }

    fn failed(&self, what: &str) -> Error {
        Error::other(format!("{} {what}", self.program))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        // It would end by itself once there are no more requests, but may be in the middle of a turn.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers requests until there are no more: the other side of [`Turns`].
///
/// # Errors
/// If what is requested is not on offer, or standard input or output fails.
pub fn serve(offers: &[Offer], mut time: impl FnMut(usize) -> Duration) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for offer in offers {
        let refused: Vec<String> = offer.refused.iter().map(usize::to_string).collect();
        writeln!(out, "{}\t{}", offer.name, refused.join(","))?;
    }
    writeln!(out)?;
    out.flush()?;
    for line in io::stdin().lines() {
        let line = line?;
        let request = line.split_once('\t').and_then(|(name, repeats)| {
            let at = offers.iter().position(|offer| offer.name == name)?;
            Some((at, repeats.parse::<usize>().ok()?))
        });
        let (at, repeats) = request.ok_or_else(|| Error::other(format!("cannot do {line:?}")))?;
        let total: Duration = (0..repeats).map(|_| time(at)).sum();
        writeln!(out, "{}", total.as_nanos())?;
        out.flush()?;
    }
    Ok(())
}

/// The whole program of a rival that reads: its name and version, what a document becomes, and how.
#[macro_export]
macro_rules! rival {
    ($name:literal, $value:ty, $read:expr) => {
        #[global_allocator]
        static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

        struct Rival;

        impl $crate::reading::Reader for Rival {
            const NAME: &'static str = $name;
            type Value = $value;

            fn read(document: &str) -> Option<$value> {
                let read: fn(&str) -> Option<$value> = $read;
                read(document)
            }
        }

        fn main() -> std::io::Result<()> {
            $crate::turns::serve_reader($crate::reading::Contestant::of::<Rival>())
        }
    };
}

/// Answers requests for a contestant that reads: the argument is a packed file of documents.
///
/// # Errors
/// If there is no such file, or [`serve`] fails.
pub fn serve_reader(contestant: Contestant) -> io::Result<()> {
    let usage = "usage: PROGRAM DOCUMENTS, as `ratios` starts it";
    let file = std::env::args_os().nth(1);
    let file = file.ok_or_else(|| Error::other(usage))?;
    let text = crate::documents::load(Path::new(&file))?;
    let all = crate::documents::unpacked(&text);
    // A rival that panics is counted; its message says nothing here.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for (at, document) in all.into_iter().enumerate() {
        match (contestant.refuses)(document) {
            true => refused.push(at),
            false => accepted.push(document),
        }
    }
    let _ = std::panic::take_hook();
    let offer = Offer {
        name: contestant.name.to_owned(),
        refused,
    };
    serve(&[offer], |_| (contestant.time)(&accepted))
}
