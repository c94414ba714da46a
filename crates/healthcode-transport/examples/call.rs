//! Prints the practitioners of a surname, from all pages: `call Smith`.
use healthcode_r4::{HumanName, Practitioner};
use healthcode_search::PractitionerSearch;
use healthcode_transport::healthcode::{Healthcode, HealthcodeClient, Pages};
use healthcode_transport::{HttpStack, ReqwestTransport, SystemRandom, TokioTimer};
use std::{env, io::Write};
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) async fn names(client: &HealthcodeClient, family: &str) -> Result<Vec<String>> {
    let query = PractitionerSearch::new().family(family).count(50);
    let mut pages = client.pages(Pages::new(query.build()?));
    let mut names = Vec::new();
    while let Some(page) = pages.next_page().await {
        for practitioner in page?.value.resources::<Practitioner>() {
            names.extend(practitioner.name.first().map(HumanName::display));
        }
    }
    Ok(names)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let service = Healthcode::production().site_id(env::var("HEALTHCODE_SITE")?);
    let stack = HttpStack::new(ReqwestTransport::new()?, TokioTimer, SystemRandom);
    let (id, key) = (env::var("HEALTHCODE_KEY_ID")?, env::var("HEALTHCODE_KEY")?);
    let client = HealthcodeClient::new(service, stack, id, key)?;
    let family = env::args().nth(1).unwrap_or_default();
    let names = names(&client, &family).await?;
    Ok(writeln!(std::io::stdout(), "{}", names.join("\n"))?)
}
