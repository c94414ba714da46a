//! The view for people: a line or more for each input, tables of all of them, and the issues.

use super::rows::{self, Code, ErrorRow, FileView, PhotoRow, PractitionerRow, RoleRow, View};
use crate::args::ColorArg;
use crate::output::fit;
use comfy_table::Table;
use healthcode_extensions::Verdict;
use healthcode_validate::render::{HumanOptions, HumanRenderer, Renderer, printable};
use std::io::{self, BufWriter, IsTerminal, Write};

pub(super) fn print(view: &View, color: ColorArg) -> io::Result<()> {
    let terminal = io::stdout().is_terminal();
    let mut out = BufWriter::new(io::stdout().lock());
    for file in &view.files {
        self::file(file, &mut out)?;
    }
    tables(view, &mut out)?;
    writeln!(out)?;
    let mut options = HumanOptions::default();
    options.color = color.colors(terminal);
    options.mask = true;
    let mut renderer = HumanRenderer::new(out, options);
    for file in &view.files {
        renderer.begin_file(&file.file)?;
        for issue in &file.issues {
            renderer.issue(issue)?;
        }
        if let Some(error) = &file.error {
            renderer.unreadable(&file.file, error)?;
        }
        renderer.end_file()?;
    }
    renderer.finish(&view.summary())
}

fn file(file: &FileView, out: &mut dyn Write) -> io::Result<()> {
    let name = printable(&file.file);
    if let Some(entries) = file.bundle {
        write!(out, "{name}: {}", counted(entries, "entry", "entries"))?;
        if let Some(paging) = &file.paging {
            if let Some(page) = paging.page {
                write!(out, ", page {page}")?;
            }
            if let Some(pages) = paging.pages {
                write!(out, " of {pages}")?;
            }
            if let Some(all) = paging.all {
                write!(out, ", {all} in all")?;
            }
            match (paging.next_page, paging.pages) {
                (Some(page), _) => write!(out, "; next page {page}")?,
                (None, Some(_)) => write!(out, "; last page")?,
                (None, None) => {}
            }
        }
        writeln!(out)?;
    }
    for photo in &file.photos {
        writeln!(out, "{name}: {}", describe(photo))?;
    }
    for row in &file.outcome {
        let words = [row.severity.as_deref(), row.code.as_deref()];
        let mut words: Vec<String> = words.iter().flatten().map(|word| printable(word)).collect();
        words.extend(row.errors.iter().map(error));
        words.extend(row.diagnostics.iter().map(|text| printable(text)));
        words.extend(
            row.location
                .iter()
                .map(|text| format!("at {}", printable(text))),
        );
        let verdict = match row.verdict {
            Verdict::Succeeded => "succeeded",
            Verdict::Failed => "failed",
            _ => "outcome",
        };
        writeln!(out, "{name}: {verdict}: {}", words.join(", "))?;
    }
    for (kind, count) in &file.others {
        let count = usize::try_from(*count).unwrap_or(usize::MAX);
        let kind = match kind.as_str() {
            rows::UNTYPED if count != 1 => "resources without a type".to_owned(),
            kind => printable(kind),
        };
        writeln!(out, "{name}: {count} {kind}, not shown")?;
    }
    Ok(())
}

fn error(row: &ErrorRow) -> String {
    let code = printable(&row.code);
    match row.http_status {
        Some(status) => format!("{code} (HTTP {status})"),
        None => code,
    }
}

fn describe(photo: &PhotoRow) -> String {
    let title = photo
        .title
        .as_deref()
        .map_or("no title".to_owned(), printable);
    let mime = photo.mime.unwrap_or("no known image");
    let mut text = format!("photo {title}: {mime}, {} bytes", photo.bytes);
    if !photo.complete {
        text.push_str(", cut off");
    }
    if let Some(file) = &photo.file {
        text.push_str(&format!(", written to {}", printable(file)));
    }
    if let Some(error) = &photo.error {
        text.push_str(&format!(", not written: {}", printable(error)));
    }
    text
}

fn tables(view: &View, out: &mut dyn Write) -> io::Result<()> {
    let rows = view.practitioners.iter().map(practitioner);
    table(
        out,
        &[
            "practitioner",
            "professions",
            "registrations",
            "insurers",
            "booking",
            "roles and ages",
        ],
        rows.collect(),
    )?;
    let rows = view.roles.iter().map(|row| {
        let id = option(row.practitioner_id.as_deref());
        let name = option(row.practitioner.as_deref());
        vec![lines([id, name]), role(row)]
    });
    table(
        out,
        &["practitioner not shown", "role and ages"],
        rows.collect(),
    )?;
    let rows = view.organizations.iter().map(|row| {
        let cells = [&row.id, &row.name, &row.logo_link, &row.last_updated];
        cells.map(|cell| option(cell.as_deref())).to_vec()
    });
    table(
        out,
        &["organization", "name", "logo", "last updated"],
        rows.collect(),
    )?;
    let rows = view.patients.iter().map(|row| {
        let insurer = row.insurer.as_ref().map(shown).unwrap_or_default();
        vec![
            lines([option(row.id.as_deref()), printable(&row.name)]),
            insurer,
            option(row.registration_id.as_deref()),
            option(row.authorization_number.as_deref()),
        ]
    });
    table(
        out,
        &["patient", "insurer", "registration", "authorization"],
        rows.collect(),
    )
}

fn table(out: &mut dyn Write, header: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table.set_header(header.to_vec()).add_rows(rows);
    fit(&mut table);
    writeln!(out, "\n{table}")
}

fn practitioner(row: &PractitionerRow) -> Vec<String> {
    let birth = row
        .birth_date
        .as_deref()
        .map(|date| format!("born {}", printable(date)));
    let telecom = row.telecom.iter().filter_map(|point| {
        let system = point
            .system
            .as_deref()
            .map_or(String::new(), |system| format!("{} ", printable(system)));
        Some(format!("{system}{}", printable(point.value.as_deref()?)))
    });
    let person = [option(row.id.as_deref()), printable(&row.name)];
    let person = person.into_iter().chain(birth).chain(telecom);
    let professions = row.professions.iter().map(|group| {
        let parts = [&group.profession, &group.specialty, &group.subspecialty];
        stepped(parts.into_iter().flatten().map(shown))
    });
    let registrations = row.registrations.iter().map(|group| {
        let body = group.body.as_ref().map(|body| printable(&body.code));
        let number = group.reference.as_deref().map(printable);
        let since = group.date.as_deref();
        let since = since.map(|date| format!("since {}", printable(date)));
        joined([body, number, since].into_iter().flatten(), " ")
    });
    let insurers = row.insurers.iter().map(|group| {
        let insurer = group.insurer.as_ref().map(shown).unwrap_or_default();
        let status = group.status.as_ref().map(shown);
        let number = group.provider_code.as_deref().map(printable);
        let rest = joined([status, number].into_iter().flatten(), ", ");
        format!("{insurer}: {rest}")
    });
    let booking = match row.online_booking {
        Some(true) => "online",
        Some(false) => "not online",
        None => "",
    };
    let indemnity = row.indemnity_status.as_deref();
    let indemnity = indemnity.map(|status| format!("indemnity {}", printable(status)));
    vec![
        lines(person),
        lines(professions),
        lines(registrations),
        lines(insurers),
        lines([booking.to_owned()].into_iter().chain(indemnity)),
        lines(row.roles.iter().map(role)),
    ]
}

fn role(row: &RoleRow) -> String {
    let texts = |texts: &[String]| joined(texts.iter().map(|text| printable(text)), ", ");
    let ages = joined(row.ages_treated.iter().map(shown), ", ");
    let parts = [texts(&row.locations), texts(&row.specialties), ages];
    stepped(parts.into_iter().filter(|text| !text.is_empty()))
}

/// `Aviva (nuh)`.
fn shown(code: &Code) -> String {
    match &code.display {
        Some(display) => format!("{} ({})", printable(display), printable(&code.code)),
        None => printable(&code.code),
    }
}

fn option(text: Option<&str>) -> String {
    text.map(printable).unwrap_or_default()
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// Lines of a cell that say the first line more exactly.
fn stepped(parts: impl Iterator<Item = String>) -> String {
    joined(parts, "\n  ")
}

/// Lines of a cell, without empty ones.
fn lines(parts: impl IntoIterator<Item = String>) -> String {
    joined(parts.into_iter().filter(|part| !part.is_empty()), "\n")
}

fn counted(count: usize, one: &str, more: &str) -> String {
    let word = if count == 1 { one } else { more };
    format!("{count} {word}")
}
