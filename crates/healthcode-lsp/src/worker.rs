//! [`Worker`]: validates documents on a thread of its own, the latest version of each.

use crate::diagnostics;
use crate::document::{Context, Document};
use crate::host::Host;
use crate::outline::Syntax;
use healthcode_core::{Issue, ReadOptions, Release, Released};
use healthcode_r4::Resource;
use healthcode_r4::schema::R4;
use healthcode_validate::Validator;
use healthcode_xml::either;
use lsp_server::{Message, Notification};
use lsp_types::notification::{Notification as _, PublishDiagnostics};
use lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long nothing is typed before a document is validated.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(150);

/// The stack of the worker: resources may be nested deep, and validation recurses.
const STACK: usize = 16 * 1024 * 1024;

/// Sends a message to the client.
pub(crate) type Send = Arc<dyn Fn(Message) + std::marker::Send + Sync>;

/// A document to validate.
struct Job {
    uri: Uri,
    document: Arc<Document>,
    due: Instant,
    cancelled: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Job>,
    /// The document that is being validated.
    running: Option<(Uri, Arc<AtomicBool>)>,
    stopped: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    host: Arc<dyn Host>,
    send: Send,
    /// Whether all JSON and XML is validated, not only what seems to be FHIR or a capture.
    all_files: bool,
}

/// The thread and what it has to do.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system cannot start one.
    pub(crate) fn start(host: Arc<dyn Host>, send: Send, all_files: bool) -> io::Result<Worker> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            host,
            send,
            all_files,
        });
        let worker = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("validation".to_owned())
            .stack_size(STACK)
            .spawn(move || worker.work())?;
        Ok(Worker {
            shared,
            thread: Some(thread),
        })
    }

    /// Validates a document after a while, instead of its earlier versions.
    pub(crate) fn schedule(&self, uri: &Uri, document: &Arc<Document>, delay: Duration) {
        let mut state = self.shared.lock();
        state.cancel(uri);
        state.waiting.push(Job {
            uri: uri.clone(),
            document: Arc::clone(document),
            due: Instant::now() + delay,
            cancelled: Arc::default(),
        });
        self.shared.changed.notify_one();
    }

    /// Ends the validation of a document, and removes what was shown of it.
    pub(crate) fn close(&self, uri: &Uri) {
        let mut state = self.shared.lock();
        state.cancel(uri);
        (self.shared.send)(publish(uri, None, Vec::new()));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopped = true;
        if let Some((_, cancelled)) = &state.running {
            cancelled.store(true, Ordering::Relaxed);
        }
        drop(state);
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It catches what may panic, so that this cannot fail.
            let _ = thread.join();
        }
    }
}

impl State {
    fn cancel(&mut self, uri: &Uri) {
        self.waiting.retain(|job| job.uri != *uri);
        if let Some((running, cancelled)) = &self.running
            && running == uri
        {
            cancelled.store(true, Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            let check = || self.check(&job);
            let checked = catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
                let message = "validation failed; please report this";
                Some(vec![diagnostics::of_error(message.to_owned())])
            });
            let mut state = self.lock();
            state.running = None;
            // While the state is locked, nothing closes the document.
            if let Some(diagnostics) = checked
                && !job.cancelled.load(Ordering::Relaxed)
            {
                let version = Some(job.document.version);
                (self.send)(publish(&job.uri, version, diagnostics));
            }
        }
    }

    /// The next document that is due; `None` at the end.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            let now = Instant::now();
            let first = state.waiting.iter().enumerate();
            let first = first.min_by_key(|(_, job)| job.due);
            state = match first.map(|(at, job)| (at, job.due)) {
                Some((at, due)) if due <= now => {
                    let job = state.waiting.swap_remove(at);
                    state.running = Some((job.uri.clone(), Arc::clone(&job.cancelled)));
                    return Some(job);
                }
                Some((_, due)) => {
                    let waited = self.changed.wait_timeout(state, due - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.changed.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    /// What is wrong with a document; `None` if that was cancelled.
    fn check(&self, job: &Job) -> Option<Vec<Diagnostic>> {
        let document = &job.document;
        let file = document.path.as_deref();
        let project = match self.host.project(file) {
            Ok(project) => project,
            Err(error) => return Some(vec![diagnostics::of_error(format!("settings: {error}"))]),
        };
        let text = document.text.as_str();
        let release = release_of(document, project.validator());
        let _ = document.context.set(Context {
            release,
            project: Arc::clone(&project),
        });
        let is_excluded = file.is_some_and(|file| project.is_excluded(file));
        if is_excluded || !self.all_files && !document.is_payload() {
            return Some(Vec::new());
        }
        let issues: Vec<Issue> = match project.check(file, text, &job.cancelled) {
            _ if job.cancelled.load(Ordering::Relaxed) => return None,
            Ok(issues) => issues,
            Err(error) => return Some(vec![diagnostics::of_error(error.to_string())]),
        };
        let shown = diagnostics::of_issues(document, &issues);
        let _ = document.issues.set(issues);
        project.prepare();
        Some(shown)
    }
}

/// The release that a payload has; that of an earlier version if it cannot be read now.
fn release_of(document: &Document, validator: &Validator) -> &'static Release {
    if document.syntax == Syntax::Lines {
        return R4::release();
    }
    let text = document.text.as_str().as_bytes();
    let Ok(read) = either::read::<Resource>(text, &ReadOptions::new()) else {
        return document.release();
    };
    match validator.untyped(text, &read) {
        Ok(Some(other)) => other.release(),
        _ => R4::release(),
    }
}

fn publish(uri: &Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) -> Message {
    let params = PublishDiagnosticsParams::new(uri.clone(), diagnostics, version);
    Notification::new(PublishDiagnostics::METHOD.to_owned(), params).into()
}
