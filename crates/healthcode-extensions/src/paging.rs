//! [`Paging`]: the pages of a list, as `Bundle.meta.tag` and `Bundle.total` give them.

use crate::rules;
use healthcode_core::{Checked, Detail, Issue, Path, Step};
use healthcode_r4::{Bundle, Coding};

/// Which page of a list a Bundle is.
///
/// Healthcode's Bundles have no links. Three tags without a system say how many entries a page may
/// have (`count`), which page it is (`page`, from 1) and how many entries there are in all
/// (`maxCount`, in one service `maxRecords`), as digits in `display`. `Bundle.total` is the number
/// of entries in the page, where FHIR means all of them.
///
/// ```
/// use healthcode_extensions::Paging;
/// let mut paging = Paging::new(2, 10, 204);
/// assert_eq!((paging.pages(), paging.next_page()), (Some(21), Some(3)));
/// paging.page = Some(21);
/// assert_eq!(paging.next_page(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paging {
    /// The number of the page, from 1.
    pub page: Option<u64>,
    /// How many entries a page may have; `2147483647` if nobody requested pages.
    pub count: Option<u64>,
    /// How many entries all pages have together.
    pub all: Option<u64>,
    /// What the tag of [`Paging::all`] is called.
    pub all_tag: AllTag,
    /// `Bundle.total`: how many entries this page has.
    pub in_page: Option<u64>,
}

/// What the tag is called that counts the entries of all pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AllTag {
    /// `maxCount`, in most services.
    #[default]
    MaxCount,
    /// `maxRecords`, in List Pending Remittances.
    MaxRecords,
}

impl AllTag {
    /// The tag's code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MaxCount => "maxCount",
            Self::MaxRecords => "maxRecords",
        }
    }
}

impl Paging {
    /// A page of a list, with `maxCount`.
    #[must_use]
    pub fn new(page: u64, count: u64, all: u64) -> Self {
        Paging {
            page: Some(page),
            count: Some(count),
            all: Some(all),
            ..Self::default()
        }
    }

    /// What a Bundle says of its page. Tags that are no numbers are reported and left out.
    #[must_use]
    pub fn decode(bundle: &Bundle) -> Checked<Self> {
        Self::decode_at(bundle, &Path::root("Bundle"), bundle.entry.len())
    }

    /// What a Bundle says of its page, where its entries have been read apart from it: `path` is
    /// the Bundle's place, `entries` the number of its entries.
    #[must_use]
    pub fn decode_at(bundle: &Bundle, path: &Path<'_>, entries: usize) -> Checked<Self> {
        let mut paging = Self::default();
        let mut issues = Vec::new();
        let meta = path.child(Step::field("meta"));
        let list = meta.child(Step::field("tag"));
        for (index, tag) in tags(bundle).iter().enumerate() {
            let place = list.child(Step::Index(index));
            let mut report = |rule, path: &Path<'_>, detail| {
                issues.push(Issue::new(rule, path, detail));
            };
            let Some(kind) = Kind::of(tag) else {
                continue;
            };
            let Some(number) = number(tag) else {
                let detail = Detail::Expected("a whole number");
                let display = place.child(Step::field("display"));
                let there = tag.display.as_str().is_some();
                let at = if there { &display } else { &place };
                report(&rules::HC_PAGE_NUMBER, at, detail);
                continue;
            };
            let field = kind.field(&mut paging);
            if field.is_some() {
                report(&rules::HC_PAGE_REPEATED, &place, Detail::Name(kind.code()));
                continue;
            }
            *field = Some(number);
            if let Kind::All(tag) = kind {
                paging.all_tag = tag;
            }
        }
        let total = bundle.total.get();
        paging.in_page = total.and_then(|total| u64::try_from(total).ok());
        if total.is_some() && paging.in_page != Some(entries as u64) {
            let total = path.child(Step::field("total"));
            issues.push(Issue::new(&rules::HC_PAGE_TOTAL, &total, Detail::None));
        }
        Checked::new(paging, issues)
    }

    /// Writes the numbers into a Bundle: into the tags that it has, and into new ones for the
    /// others. A tag that says the number already stays as it is, whatever else it holds; a number
    /// that is not known leaves its tag alone.
    pub fn encode(&self, bundle: &mut Bundle) {
        let all = Kind::All(self.all_tag);
        let numbers = [
            (Kind::Count, self.count),
            (Kind::Page, self.page),
            (all, self.all),
        ];
        for (kind, value) in numbers {
            let Some(value) = value else {
                continue;
            };
            // The tag that is read: the first of its kind that is a number.
            let same = |tag: &Coding| Kind::of(tag).is_some_and(|found| found.is_like(kind));
            let read = |tag: &&Coding| same(tag) && number(tag).is_some();
            let now = tags(bundle).iter().find(read).and_then(number);
            if now == Some(value) {
                continue;
            }
            let tags = &mut bundle.meta.get_or_insert_default().tag;
            let at = tags.iter().position(|tag| read(&tag));
            let at = at.or_else(|| tags.iter().position(same));
            let tag = match at {
                Some(at) => &mut tags[at],
                None => tags.push_default(),
            };
            tag.code.set(kind.code());
            tag.display.set(value.to_string().as_str());
        }
        if let Some(in_page) = self.in_page {
            bundle.total.set(i32::try_from(in_page).unwrap_or(i32::MAX));
        }
    }

    /// How many pages there are; `None` if that is not known, or pages hold nothing.
    #[must_use]
    pub fn pages(&self) -> Option<u64> {
        match (self.all?, self.count?) {
            (_, 0) => None,
            (all, count) => Some(all.div_ceil(count)),
        }
    }

    /// The page after this one; `None` if this is the last.
    ///
    /// Where it is not known how many there are, there may be another one after a page that is
    /// full. A page without a number is the first.
    #[must_use]
    pub fn next_page(&self) -> Option<u64> {
        let page = self.page.unwrap_or(1);
        let more = match (self.pages(), self.count, self.in_page) {
            (Some(pages), ..) => page < pages,
            (None, Some(count), Some(in_page)) => count > 0 && in_page >= count,
            _ => false,
        };
        more.then(|| page.saturating_add(1))
    }

    /// How many entries come before this page; `u64::MAX` if that is more than can be counted.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        let before = self.page.unwrap_or(1).saturating_sub(1);
        Some(before.saturating_mul(self.count?))
    }
}

/// What a tag counts.
#[derive(Clone, Copy)]
enum Kind {
    Count,
    Page,
    All(AllTag),
}

impl Kind {
    fn of(tag: &Coding) -> Option<Self> {
        Some(match tag.code.as_str()? {
            "count" => Self::Count,
            "page" => Self::Page,
            "maxCount" => Self::All(AllTag::MaxCount),
            "maxRecords" => Self::All(AllTag::MaxRecords),
            _ => return None,
        })
        .filter(|_| tag.system.is_empty())
    }

    fn code(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Page => "page",
            Self::All(tag) => tag.as_str(),
        }
    }

    fn field(self, paging: &mut Paging) -> &mut Option<u64> {
        match self {
            Self::Count => &mut paging.count,
            Self::Page => &mut paging.page,
            Self::All(_) => &mut paging.all,
        }
    }

    /// Whether both are counted in one field.
    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

fn tags(bundle: &Bundle) -> &[Coding] {
    bundle.meta.as_deref().map_or(&[], |meta| &meta.tag)
}

/// The number of a tag, also where it was sent as a JSON number.
fn number(tag: &Coding) -> Option<u64> {
    let text = tag.display.as_str().or(tag.display.malformed())?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large to be counted is as good as the largest number.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}
