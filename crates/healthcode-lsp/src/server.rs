//! The loop over the client's messages.

use crate::document::Document;
use crate::host::Host;
use crate::text::{Encoding, Text};
use crate::worker::{DEBOUNCE, Worker};
use crate::{actions, completion, definition, hover, symbols, uri};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification as notifications;
use lsp_types::request as requests;
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    CompletionResponse, DocumentSymbolResponse, FoldingRangeProviderCapability,
    HoverProviderCapability, OneOf, Position, ServerCapabilities, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Serves a client until it ends.
///
/// # Errors
/// If the client does not begin as the protocol requires, or ends without `shutdown`.
pub fn serve(connection: &Connection, host: Arc<dyn Host>) -> io::Result<()> {
    let (id, params) = connection.initialize_start().map_err(io::Error::other)?;
    let client = Client::of(&params);
    let result = json!({
        "capabilities": capabilities(&client),
        "serverInfo": {"name": "healthcode", "version": env!("CARGO_PKG_VERSION")},
    });
    let sender = connection.sender.clone();
    // Nothing can be done for a client that is gone.
    let send = Arc::new(move |message| drop(sender.send(message)));
    send(Response::new_ok(id, result).into());
    let worker = Worker::start(host, send, client.all_files)?;
    let mut server = Server {
        connection,
        client,
        worker,
        documents: HashMap::new(),
        pending: VecDeque::new(),
        is_shut_down: false,
    };
    server.run()
}

/// What the client can do.
#[derive(Clone, Copy, Debug)]
struct Client {
    encoding: Encoding,
    snippets: bool,
    /// Whether all JSON and XML is validated.
    all_files: bool,
    /// The most ranges for folding that it takes.
    max_folding: usize,
}

impl Client {
    /// What its first message says. What is missing or wrong there counts as absent.
    fn of(params: &Value) -> Client {
        let encodings = params
            .pointer("/capabilities/general/positionEncodings")
            .cloned();
        let encodings: Option<Vec<lsp_types::PositionEncodingKind>> =
            encodings.and_then(|value| serde_json::from_value(value).ok());
        let flag = |pointer| {
            params
                .pointer(pointer)
                .and_then(Value::as_bool)
                .unwrap_or_default()
        };
        Client {
            encoding: Encoding::negotiate(encodings.as_deref()),
            snippets: flag("/capabilities/textDocument/completion/completionItem/snippetSupport"),
            all_files: flag("/initializationOptions/checkAllFiles"),
            max_folding: params
                .pointer("/capabilities/textDocument/foldingRange/rangeLimit")
                .and_then(Value::as_u64)
                .map_or(symbols::MAX_FOLDING, |limit| limit as usize),
        }
    }
}

fn capabilities(client: &Client) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(client.encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["\"", "<", "/", "#"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, actions::FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        document_symbol_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        ..ServerCapabilities::default()
    }
}

/// An open document.
struct Open {
    document: Arc<Document>,
    language: String,
}

struct Server<'c> {
    connection: &'c Connection,
    client: Client,
    worker: Worker,
    documents: HashMap<Uri, Open>,
    /// Messages that have come and are not handled yet.
    pending: VecDeque<Message>,
    is_shut_down: bool,
}

impl Server<'_> {
    fn run(&mut self) -> io::Result<()> {
        while let Some(message) = self.next() {
            match message {
                Message::Request(request) => {
                    let response = self.request(request);
                    // Nothing can be done for a client that is gone.
                    let _ = self.connection.sender.send(response.into());
                }
                Message::Notification(Notification { method, .. }) if method == "exit" => {
                    break;
                }
                Message::Notification(notification) => self.notification(notification),
                // The server requests nothing.
                Message::Response(_) => {}
            }
        }
        if self.is_shut_down {
            Ok(())
        } else {
            Err(io::Error::other("the client ended without shutdown"))
        }
    }

    /// The next message. Those that have come are looked through for requests that were cancelled meanwhile.
    fn next(&mut self) -> Option<Message> {
        loop {
            if self.pending.is_empty() {
                self.pending
                    .push_back(self.connection.receiver.recv().ok()?);
            }
            self.pending.extend(self.connection.receiver.try_iter());
            self.answer_cancelled();
            if let Some(message) = self.pending.pop_front() {
                return Some(message);
            }
        }
    }

    fn answer_cancelled(&mut self) {
        let cancelled = self.pending.iter().filter_map(|message| match message {
            Message::Notification(notification) if notification.method == "$/cancelRequest" => {
                serde_json::from_value(notification.params.get("id")?.clone()).ok()
            }
            _ => None,
        });
        let cancelled: HashSet<RequestId> = cancelled.collect();
        if cancelled.is_empty() {
            return;
        }
        let sender = &self.connection.sender;
        self.pending.retain(|message| match message {
            Message::Request(request) if cancelled.contains(&request.id) => {
                let code = ErrorCode::RequestCanceled as i32;
                let response = Response::new_err(request.id.clone(), code, "cancelled".to_owned());
                let _ = sender.send(response.into());
                false
            }
            Message::Notification(notification) => notification.method != "$/cancelRequest",
            _ => true,
        });
    }

    fn request(&mut self, request: Request) -> Response {
        use requests::Request as _;
        let Request { id, method, params } = request;
        if self.is_shut_down {
            let message = "the server was shut down".to_owned();
            return Response::new_err(id, ErrorCode::InvalidRequest as i32, message);
        }
        if method == requests::Shutdown::METHOD {
            self.is_shut_down = true;
            return Response::new_ok(id, ());
        }
        let answer = || self.answer(&method, params);
        let answer = catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
            Err((
                ErrorCode::InternalError,
                "the request failed; please report this".to_owned(),
            ))
        });
        match answer {
            Ok(value) => Response::new_ok(id, value),
            Err((code, message)) => Response::new_err(id, code as i32, message),
        }
    }

    fn answer(&self, method: &str, params: Value) -> Result<Value, (ErrorCode, String)> {
        use requests::Request as _;
        match method {
            requests::HoverRequest::METHOD => {
                let params: lsp_types::HoverParams = read(params)?;
                let at = params.text_document_position_params;
                to_value(self.at(&at.text_document.uri, at.position, hover::at))
            }
            requests::Completion::METHOD => {
                let params: lsp_types::CompletionParams = read(params)?;
                let at = params.text_document_position;
                let snippets = self.client.snippets;
                let list = self.at(&at.text_document.uri, at.position, |document, position| {
                    completion::at(document, position, snippets)
                });
                to_value(list.map(CompletionResponse::List))
            }
            requests::GotoDefinition::METHOD => {
                let params: lsp_types::GotoDefinitionParams = read(params)?;
                let at = params.text_document_position_params;
                let uri = &at.text_document.uri;
                to_value(self.at(uri, at.position, |document, position| {
                    definition::at(document, uri, position)
                }))
            }
            requests::DocumentSymbolRequest::METHOD => {
                let params: lsp_types::DocumentSymbolParams = read(params)?;
                let open = self.documents.get(&params.text_document.uri);
                let symbols = open.map(|open| symbols::symbols(&open.document));
                to_value(symbols.map(DocumentSymbolResponse::Nested))
            }
            requests::CodeActionRequest::METHOD => {
                let params: lsp_types::CodeActionParams = read(params)?;
                let open = self.documents.get(&params.text_document.uri);
                to_value(open.map(|open| actions::at(&open.document, &params)))
            }
            requests::FoldingRangeRequest::METHOD => {
                let params: lsp_types::FoldingRangeParams = read(params)?;
                let open = self.documents.get(&params.text_document.uri);
                to_value(open.map(|open| symbols::folding(&open.document, self.client.max_folding)))
            }
            _ => Err((
                ErrorCode::MethodNotFound,
                "the method is not supported".to_owned(),
            )),
        }
    }

    /// What is at a position of a document; nothing if it is not open.
    fn at<T>(
        &self,
        uri: &Uri,
        position: Position,
        find: impl FnOnce(&Document, Position) -> Option<T>,
    ) -> Option<T> {
        let open = self.documents.get(uri)?;
        find(&open.document, position)
    }

    /// Handles a notification. One that is malformed, or of a kind that does not concern the server, is passed over.
    #[expect(
        clippy::mutable_key_type,
        reason = "a URI is hashed by its text, which stays as it is"
    )]
    fn notification(&mut self, Notification { method, params }: Notification) {
        use notifications::Notification as _;
        match &*method {
            notifications::DidOpenTextDocument::METHOD => {
                if let Ok(params) = read::<lsp_types::DidOpenTextDocumentParams>(params) {
                    let item = params.text_document;
                    let text = Text::new(item.text, self.client.encoding);
                    let path = uri::file(&item.uri);
                    let document = Document::new(path, &item.language_id, item.version, text);
                    self.set(item.uri, item.language_id, document, Duration::ZERO);
                }
            }
            notifications::DidChangeTextDocument::METHOD => {
                if let Ok(params) = read::<lsp_types::DidChangeTextDocumentParams>(params) {
                    let item = params.text_document;
                    if let Some(open) = self.documents.remove(&item.uri) {
                        let mut text = open.document.text.clone();
                        text.apply(params.content_changes);
                        let document = open.document.next(&open.language, item.version, text);
                        self.set(item.uri, open.language, document, DEBOUNCE);
                    }
                }
            }
            notifications::DidCloseTextDocument::METHOD => {
                if let Ok(params) = read::<lsp_types::DidCloseTextDocumentParams>(params) {
                    self.documents.remove(&params.text_document.uri);
                    self.worker.close(&params.text_document.uri);
                }
            }
            // Settings or packages may have changed.
            notifications::DidSaveTextDocument::METHOD
            | notifications::DidChangeWatchedFiles::METHOD
            | notifications::DidChangeConfiguration::METHOD => {
                let documents = std::mem::take(&mut self.documents);
                for (uri, Open { document, language }) in documents {
                    let again = document.next(&language, document.version, document.text.clone());
                    self.set(uri, language, again, DEBOUNCE);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, uri: Uri, language: String, document: Document, delay: Duration) {
        let document = Arc::new(document);
        self.worker.schedule(&uri, &document, delay);
        self.documents.insert(uri, Open { document, language });
    }
}

fn read<T: serde::de::DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    // The error would repeat the values.
    serde_json::from_value(params)
        .map_err(|_| (ErrorCode::InvalidParams, "invalid parameters".to_owned()))
}

fn to_value(value: impl serde::Serialize) -> Result<Value, (ErrorCode, String)> {
    serde_json::to_value(value).map_err(|_| {
        (
            ErrorCode::InternalError,
            "the answer cannot be written".to_owned(),
        )
    })
}
