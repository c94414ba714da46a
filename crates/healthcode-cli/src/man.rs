//! `healthcode man`.

use crate::args::Cli;
use clap::CommandFactory;
use clap_mangen::Man;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Prints the page of the command, or writes the pages of all subcommands into a folder.
pub(crate) fn run(folder: Option<&Path>) -> io::Result<ExitCode> {
    let command = Cli::command();
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(command, folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(ExitCode::SUCCESS)
}
