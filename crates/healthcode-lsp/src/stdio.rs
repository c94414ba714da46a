//! The server on standard input and output.

use crate::host::Host;
use crate::server::serve;
use lsp_server::{Connection, Message};
use std::io::{self, BufReader, ErrorKind, Write};
use std::sync::Arc;
use std::thread;

/// Serves a client on standard input and output. A message that is not JSON, or not one of the protocol, is reported
/// on standard error and passed over.
///
/// # Errors
/// If the client does not begin as the protocol requires, or ends without `shutdown`.
pub fn serve_stdio(host: Arc<dyn Host>) -> io::Result<()> {
    let (server, client) = Connection::memory();
    let Connection { sender, receiver } = client;
    // It ends with the process: reading standard input cannot be interrupted.
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        loop {
            match Message::read(&mut input) {
                Ok(Some(message)) => {
                    if sender.send(message).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::InvalidData | ErrorKind::InvalidInput
                    ) =>
                {
                    // Nothing can be done if standard error is closed.
                    let _ = writeln!(
                        io::stderr(),
                        "healthcode: invalid message: {:?}",
                        error.kind()
                    );
                }
                Err(_) => return,
            }
        }
    });
    let writer = thread::spawn(move || -> io::Result<()> {
        let mut output = io::stdout().lock();
        for message in receiver {
            message.write(&mut output)?;
        }
        Ok(())
    });
    let served = serve(&server, host);
    drop(server);
    match writer.join() {
        Ok(written) => served.and(written),
        Err(_) => Err(io::Error::other("writing messages failed")),
    }
}
