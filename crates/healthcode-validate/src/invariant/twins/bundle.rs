//! Twins for entries of Bundles. What is asked of Bundles as a whole is for `BundleChecker`.

use crate::invariant::given::Given;
use healthcode_r4::BundleEntry;

twins! {
    "bdl-5": BundleEntry, |it| it.resource.given() || it.request.given() || it.response.given();
    "bdl-8": BundleEntry, |it| it.full_url.as_str().is_none_or(|url| !url.contains("/_history/"));
}
