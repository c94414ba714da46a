//! A session in Neovim without a screen; SKIPPED where it is not installed.

use crate::Folder;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// Starts the server, waits for issues, and writes what hover and completion say.
const SCRIPT: &str = r#"
local out = {}
local ok, failed = pcall(function()
  vim.cmd("edit bad.json")
  vim.bo.filetype = "json"
  local id = vim.lsp.start_client({ name = "healthcode", cmd = { vim.env.HEALTHCODE, "lsp" }, root_dir = vim.fn.getcwd() })
  vim.lsp.buf_attach_client(0, id)
  local issues
  vim.wait(30000, function()
    issues = vim.diagnostic.get(0)
    return #issues > 0
  end)
  for _, issue in ipairs(issues) do
    table.insert(out, ("%s %d:%d"):format(issue.code or "", issue.lnum, issue.col))
  end
  vim.fn.cursor(2, 4)
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/hover", params, 30000)) do
    table.insert(out, vim.split(answer.result.contents.value, "\n")[1])
  end
  vim.api.nvim_buf_set_lines(0, 1, 2, false, { '  "birthDate": "1977-05-09"' })
  local fixed = vim.wait(30000, function() return #vim.diagnostic.get(0) == 0 end)
  table.insert(out, "fixed " .. tostring(fixed))
end)
if not ok then
  table.insert(out, tostring(failed))
end
vim.fn.writefile(out, "out.txt")
vim.cmd("qall!")
"#;

#[test]
fn session() {
    let version = Command::new("nvim")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        let _ = writeln!(io::stderr(), "SKIPPED: nvim is not installed");
        return;
    }
    let text = "{\"resourceType\": \"Patient\",\n  \"birthDate\": \"😀09.05.1977\"\n}\n";
    let folder = Folder::new(&[
        ("bad.json", text.as_bytes()),
        ("script.lua", SCRIPT.as_bytes()),
    ]);
    let status = Command::new("nvim")
        .args([
            "--headless",
            "-n",
            "-u",
            "NONE",
            "-i",
            "NONE",
            "-c",
            "luafile script.lua",
        ])
        .current_dir(folder.path(""))
        .env("HEALTHCODE", env!("CARGO_BIN_EXE_healthcode"))
        .env("XDG_STATE_HOME", folder.path("state"))
        .env("XDG_CACHE_HOME", folder.path("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    let expect = [
        "R4-DATE 1:15",
        "`Patient.birthDate` · date · 0..1 · summary",
        "fixed true",
    ];
    assert_eq!(folder.read("out.txt").lines().collect::<Vec<_>>(), expect);
}
