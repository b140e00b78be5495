//! What a device says, in words.

use keyholder::Reason;
use keyholder::report::Event;
use keyholder_line::answer::{Closed, Decided, Failure, Reported, Sent};

use crate::wire::{Answer, Told};

/// The name of a reason.
pub fn reason(number: u8) -> &'static str {
    Reason::ALL.iter().find(|reason| **reason as u8 == number).map_or("?", |reason| reason.name())
}

/// What is sent: Contact ID and SIA where there are such codes, else the event's name.
pub fn report(report: &Reported) -> String {
    let mut words = Vec::new();
    if report.qualifier != 0 {
        words.push(format!("{} {:03} {:02} {:03}", report.qualifier, report.code, report.group, report.code_user));
    }
    if report.sia != [0; 2] {
        words.push(String::from_utf8_lossy(&report.sia).into_owned());
    }
    if words.is_empty() {
        words.push(Event::ALL.iter().find(|event| **event as u8 == report.event).map_or("?", |event| event.name()).to_owned());
    }
    if report.engineer != 0 {
        words.push(format!("engineer {} site {}", report.engineer, report.site));
    }
    words.join(" ")
}

/// What is told unasked.
pub fn told(told: &Told) -> String {
    match told {
        Told::Report(Sent { report: what, .. }) => format!("report {}", report(what)),
        Told::Closed(Closed { engineer, site, why }) => {
            let why = if *why == 1 { "the time is over" } else { "no longer allowed" };
            format!("closed engineer {engineer} site {site}: {why}")
        }
        Told::Started(state) => format!("started with policy {}", state.sequence),
    }
}

/// What is answered.
pub fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Done => "done".to_owned(),
        Answer::Decision(decided) => decision(decided),
        Answer::Supervision(looked) if looked.kind == 1 => format!("due {}", report(&looked.report)),
        Answer::Supervision(_) => "nothing due".to_owned(),
        Answer::Installed(accepted) if accepted.outcome == 1 => format!("installed {}", accepted.sequence),
        Answer::Installed(accepted) => format!("installed already {}", accepted.sequence),
        Answer::Refused(refused) => format!("refused {}: {}", refused.number, refused.words),
        Answer::State(state) => format!("policy {}", state.sequence),
        Answer::ReportPart(part) => format!("{} of {} bytes of its report", part.bytes.len(), part.length),
        Answer::Failed(Failure::Broken) => "failed: the frame was broken".to_owned(),
        Answer::Failed(failure) => format!("failed: {failure:?}"),
    }
}

fn decision(decided: &Decided) -> String {
    let verdict = match decided.verdict {
        2 => "allowed",
        1 => "violation",
        _ => "denied",
    };
    format!("{verdict} {}", reason(decided.reason))
}
