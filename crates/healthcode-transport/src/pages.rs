//! [`PageStream`]: page after page.

use crate::error::Error;
use crate::reply::Reply;
use crate::time::BoxFuture;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What returns the call of the next page.
pub(crate) trait Pager: Send {
    /// What a page is.
    type Page;

    /// Fetches the next page, if there is one.
    fn fetch(&mut self) -> Option<BoxFuture<'static, Result<Reply<Self::Page>, Error>>>;

    /// Learns from a page which one is next.
    fn accept(&mut self, page: &Self::Page) -> Result<(), Error>;
}

/// The pages of a list, each fetched on request. It ends after the last page, or an error.
pub struct PageStream<T> {
    pager: Box<dyn Pager<Page = T>>,
    running: Option<BoxFuture<'static, Result<Reply<T>, Error>>>,
    over: bool,
}
healthcode_core::debug_only!(PageStream<T> { over });

impl<T> PageStream<T> {
    pub(crate) fn new(pager: impl Pager<Page = T> + 'static) -> Self {
        PageStream {
            pager: Box::new(pager),
            running: None,
            over: false,
        }
    }

    /// The next page; `None` after the last one.
    pub async fn next_page(&mut self) -> Option<Result<Reply<T>, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Reply<T>, Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let running = match self.running.as_mut() {
            Some(running) => running,
            None => {
                if let Some(future) = self.pager.fetch() {
                    self.running.insert(future)
                } else {
                    self.over = true;
                    return Poll::Ready(None);
                }
            }
        };
        let Poll::Ready(result) = running.as_mut().poll(context) else {
            return Poll::Pending;
        };
        self.running = None;
        let page = result.and_then(|reply| self.pager.accept(&reply.value).map(|()| reply));
        self.over = page.is_err();
        Poll::Ready(Some(page))
    }
}

impl<T> Stream for PageStream<T> {
    type Item = Result<Reply<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}
