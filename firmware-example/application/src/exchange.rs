//! Questions and answers: what panels and receivers answer alike.

use embedded_storage::nor_flash::NorFlash;
use keyholder::Decision;
use keyholder::Device as Core;
use keyholder::report::Report;
use keyholder::time::Time;
use keyholder_line::answer::{Accepted, Decided, Failure, Refused, kind};
use keyholder_line::frame::Payload;
use keyholder_line::request::Request;

use crate::device::{Device, NotInstalled};

/// What goes back over the line.
pub struct Answer {
    /// A number of [`kind`].
    pub kind: u8,
    /// The message.
    pub payload: Payload,
    /// What to report besides.
    pub report: Report,
}

impl Answer {
    /// An answer with nothing to report.
    pub const fn new(kind: u8, payload: Payload) -> Self {
        Self { kind, payload, report: Report::NOTHING }
    }

    /// Done.
    pub const fn done() -> Self {
        Self::new(kind::DONE, Payload::new())
    }

    /// It could not be asked.
    pub fn failed(failure: Failure) -> Self {
        defmt::warn!("not done: failure {}", failure as u8);
        Self::new(kind::FAILED, failure.write())
    }

    /// A decision, which goes into the log with its exact reason.
    pub fn decided(decision: &Decision) -> Self {
        log(decision);
        Self { kind: kind::DECISION, payload: Decided::from(decision).write(), report: decision.report }
    }

    fn installed(accepted: Accepted) -> Self {
        defmt::info!("policy {} installed ({=u8})", accepted.sequence, accepted.outcome);
        Self::new(kind::INSTALLED, accepted.write())
    }

    fn not_installed(why: &NotInstalled) -> Self {
        match why {
            NotInstalled::Failed(failure) => Self::failed(*failure),
            NotInstalled::Refused(refusal) => {
                defmt::warn!("policy refused: {}", refusal);
                Self::new(kind::REFUSED, Refused::from(refusal).write())
            }
        }
    }
}

/// Writes a decision into the log. Codes never get there: a decision has none.
pub fn log(decision: &Decision) {
    defmt::info!("{}: {}, user {}, grant {}", decision.verdict, decision.reason, decision.user.0, decision.grant.0);
}

/// The answer to a question that every device has one for.
pub fn answer<D: Core, F: NorFlash>(device: &mut Device<D, F>, request: &Request<'_>, time: Time) -> Option<Answer> {
    let answer = match request {
        Request::Engineer(request) => Answer::decided(&device.engineer(request, time)),
        Request::BeginSession(request) => Answer::decided(&device.begin_session(request, time)),
        Request::EndSession(request) => Answer::decided(&device.end_session(request, time)),
        Request::Update(request) => Answer::decided(&device.update(request, time)),
        Request::BlobBegin(head) => match device.begin_blob(head, time) {
            Ok(None) => Answer::done(),
            Ok(Some(accepted)) => Answer::installed(accepted),
            Err(why) => Answer::not_installed(&why),
        },
        Request::BlobPart { offset, bytes } => {
            device.append_blob(*offset, bytes).map_or_else(|why| Answer::not_installed(&why), |()| Answer::done())
        }
        Request::Report { offset } => {
            device.report_part(*offset, time).map_or_else(Answer::failed, |part| Answer::new(kind::REPORT_PART, part.write()))
        }
        Request::BlobEnd => device.finish_blob(time).map_or_else(|why| Answer::not_installed(&why), Answer::installed),
        _ => return None,
    };
    Some(answer)
}
