//! [`Pages`]: which page of a list is next, by Healthcode's numbers.

use crate::error::{Error, ErrorKind};
use healthcode_extensions::Paging;
use healthcode_r4::{Bundle, Str};
use healthcode_search::{Query, Scope, Value};

/// Goes through the pages of a query by hand: no I/O.
///
/// Healthcode's Bundles have no links; pages are numbered, and tags give the number of
/// entries (see [`Paging`]). A server that returns the same page again and again is found out.
///
/// ```
/// use healthcode_r4::Bundle;
/// use healthcode_search::PractitionerSearch;
/// use healthcode_transport::healthcode::Pages;
/// let mut pages = Pages::new(PractitionerSearch::new().family("Smith").count(10).build()?);
/// let query = pages.next_query()?.unwrap();
/// assert_eq!(query.encode()?.as_str(), "count=10&family=Smith");
///
/// let mut bundle = Bundle::default();
/// bundle.entry.push(Default::default());
/// healthcode_extensions::Paging::new(1, 10, 12).encode(&mut bundle);
/// pages.accept(&bundle)?;
/// let query = pages.next_query()?.unwrap();
/// assert_eq!(query.encode()?.as_str(), "count=10&family=Smith&page=2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pages {
    query: Query,
    /// The number of the next page; of the first one, only if the query has it.
    next: Option<u64>,
    begun: bool,
    left: usize,
    ids: Vec<Option<Str>>,
}

impl Pages {
    /// All pages of a query, from the one that it requests; 10,000 at most.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Pages {
            next: number(&query, "page"),
            query,
            begun: false,
            left: 10_000,
            ids: Vec::new(),
        }
    }

    /// So many pages at most; that there are more is an error.
    #[must_use]
    pub fn max_pages(mut self, pages: usize) -> Self {
        self.left = pages;
        self
    }

    /// The query for the next page; `None` after the last one.
    ///
    /// # Errors
    /// If there are more pages than there may be.
    pub fn next_query(&self) -> Result<Option<Query>, Error> {
        let next = match (self.begun, self.next) {
            (true, None) => return Ok(None),
            (false, None) => None,
            (_, next) => next,
        };
        if self.left == 0 {
            return Err(Error::new(ErrorKind::Paging(
                "there are more pages than may be fetched",
            )));
        }
        let Some(next) = next.filter(|_| self.begun) else {
            return Ok(Some(self.query.clone()));
        };
        let mut query = Query::new(self.query.scope());
        for parameter in self.query.parameters() {
            if parameter.name.to_string() != "page" {
                query.push(parameter.name.clone(), parameter.values.iter().cloned())?;
            }
        }
        query.set("page", &next.to_string())?;
        Ok(Some(query))
    }

    /// Learns from a page which one is next.
    ///
    /// # Errors
    /// If it is not the page that was requested, or has the entries of the one before.
    pub fn accept(&mut self, page: &Bundle) -> Result<(), Error> {
        let mut paging = Paging::decode(page).value;
        let requested = self.next;
        if let (Some(requested), Some(got)) = (requested, paging.page)
            && requested != got
        {
            return Err(Error::new(ErrorKind::Paging(
                "invalid page: expected the one that was requested",
            )));
        }
        let ids = page
            .entry
            .iter()
            .map(|entry| entry.resource.as_ref()?.id().map(Str::from));
        let ids: Vec<_> = ids.collect();
        if self.begun && !ids.is_empty() && ids == self.ids && ids.iter().all(Option::is_some) {
            return Err(Error::new(ErrorKind::Paging("the same page came again")));
        }
        self.begun = true;
        self.left = self.left.saturating_sub(1);
        paging.page = paging.page.or(requested);
        paging.count = paging.count.or_else(|| number(&self.query, "count"));
        paging.in_page = paging.in_page.or(Some(ids.len() as u64));
        // An empty page is the last one, whatever the numbers say: there may be fewer by now.
        self.next = paging
            .next_page()
            .filter(|_| !ids.is_empty() && self.has_pages());
        self.ids = ids;
        Ok(())
    }

    fn has_pages(&self) -> bool {
        match self.query.scope() {
            Scope::Endpoint(endpoint) => endpoint
                .parameters
                .iter()
                .any(|parameter| parameter.name == "page"),
            _ => false,
        }
    }
}

/// The number that a parameter of a query has.
fn number(query: &Query, name: &str) -> Option<u64> {
    let found = query
        .parameters()
        .iter()
        .find(|parameter| parameter.name.to_string() == name)?;
    match found.values.first()? {
        Value::Integer(number) => Some(u64::from(*number)),
        _ => None,
    }
}
