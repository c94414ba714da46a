// Starts `healthcode lsp` and connects VS Code to it.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const LANGUAGES = ["json", "jsonc", "jsonl", "xml"];
const ENDINGS = "**/*.{json,ndjson,jsonl,xml,har}";

let client;

function create() {
  const settings = vscode.workspace.getConfiguration("healthcode");
  const command = settings.get("command", "healthcode");
  return new LanguageClient(
    "healthcode",
    "Healthcode FHIR",
    { command, args: ["lsp"] },
    {
      documentSelector: [
        ...LANGUAGES.flatMap((language) => [
          { scheme: "file", language },
          { scheme: "untitled", language },
        ]),
        { scheme: "file", pattern: ENDINGS },
      ],
      initializationOptions: { checkAllFiles: settings.get("checkAllFiles", false) },
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/healthcode.toml") },
    },
  );
}

async function start() {
  client = create();
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `Healthcode FHIR: the server did not start (${error.message}); see the setting healthcode.command`,
    );
  }
}

async function stop() {
  const stopped = client;
  client = undefined;
  if (stopped?.needsStop()) {
    await stopped.stop();
  }
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("healthcode.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("healthcode.command") || event.affectsConfiguration("healthcode.checkAllFiles")) {
        restart();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
