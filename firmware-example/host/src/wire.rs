//! The other end of the line: asks, waits for the answer, and keeps what the device tells unasked.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use keyholder::blob::HEAD_LENGTH;
use keyholder_line::answer::{Accepted, Closed, Decided, Failure, Looked, Refused, ReportPart, Sent, State, kind};
use keyholder_line::frame::{Frame, Payload, Received, Receiver};
use keyholder_line::request::{LONGEST_PART, Request};

use crate::{Outcome, at};

/// How long an answer may take. Checking a signature takes the emulator a tenth of a second; a machine with other things to do, longer.
const LONGEST_ANSWER: Duration = Duration::from_secs(20);

/// What a device answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// A decision.
    Decision(Decided),
    /// A look at the deadlines.
    Supervision(Looked),
    /// A policy is installed.
    Installed(Accepted),
    /// A policy is refused.
    Refused(Refused),
    /// How it is.
    State(State),
    /// A part of its report to the cloud.
    ReportPart(ReportPart),
    /// It could not be asked.
    Failed(Failure),
}

/// What a device tells unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A report.
    Report(Sent),
    /// A link was closed.
    Closed(Closed),
    /// It has started.
    Started(State),
}

/// The other end of the line.
pub struct Wire {
    stream: UnixStream,
    frames: Receiver,
    tag: u8,
    /// Bytes that have come and were not looked at.
    bytes: VecDeque<u8>,
    /// What was told unasked and not fetched.
    told: VecDeque<Told>,
}

impl Wire {
    /// The end of this stream.
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, frames: Receiver::new(), tag: 0, bytes: VecDeque::new(), told: VecDeque::new() }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// There is none.
    pub fn ask(&mut self, request: &Request<'_>) -> Outcome<Answer> {
        // Never 0, which is for what nobody asked for.
        self.tag = self.tag % u8::MAX + 1;
        let (kind, payload) = request.write();
        self.send(&Frame::new(kind, self.tag, payload).to_bytes())?;
        self.answer_to(self.tag)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// Nobody takes them.
    pub fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.stream.write_all(bytes).map_err(at("the line"))
    }

    /// The answer to the question with that tag.
    ///
    /// # Errors
    /// It does not come.
    pub fn answer_to(&mut self, tag: u8) -> Outcome<Answer> {
        let by = Instant::now() + LONGEST_ANSWER;
        loop {
            let frame = self.frame(by)?.ok_or_else(|| "the device does not answer".to_owned())?;
            if kind::is_unasked(frame.kind) {
                self.keep(&frame)?;
            } else if frame.tag == tag {
                return read_answer(&frame).ok_or_else(|| format!("an answer of kind {:#04x} that makes no sense", frame.kind));
            }
        }
    }

    /// What the device tells unasked next, waiting so long at most.
    ///
    /// # Errors
    /// The line is gone.
    pub fn told(&mut self, longest: Duration) -> Outcome<Option<Told>> {
        let by = Instant::now() + longest;
        while self.told.is_empty() {
            let Some(frame) = self.frame(by)? else { return Ok(None) };
            if kind::is_unasked(frame.kind) {
                self.keep(&frame)?;
            }
        }
        Ok(self.told.pop_front())
    }

    /// What the device has told unasked by the time of its last answer.
    pub fn told_so_far(&mut self) -> Vec<Told> {
        self.told.drain(..).collect()
    }

    /// Waits until the device says that it has started.
    ///
    /// # Errors
    /// It does not.
    pub fn started(&mut self) -> Outcome<State> {
        match self.told(LONGEST_ANSWER)? {
            Some(Told::Started(state)) => Ok(state),
            other => Err(format!("the device does not say that it has started, but {other:?}")),
        }
    }

    /// Gives the device a blob, part by part.
    ///
    /// # Errors
    /// The line is gone. A refusal is an answer.
    pub fn install(&mut self, blob: &[u8]) -> Outcome<Answer> {
        let (head, policy) = blob.split_at_checked(HEAD_LENGTH).unwrap_or((blob, &[]));
        let answer = self.ask(&Request::BlobBegin(head))?;
        if answer != Answer::Done {
            return Ok(answer);
        }
        for (number, bytes) in policy.chunks(LONGEST_PART).enumerate() {
            let offset = (number * LONGEST_PART) as u32;
            let answer = self.ask(&Request::BlobPart { offset, bytes })?;
            if answer != Answer::Done {
                return Ok(answer);
            }
        }
        self.ask(&Request::BlobEnd)
    }

    /// Fetches what the device reports to its cloud, part by part.
    ///
    /// # Errors
    /// The line is gone, or the device does not say.
    pub fn report(&mut self) -> Outcome<Vec<u8>> {
        let mut report = Vec::new();
        loop {
            match self.ask(&Request::Report { offset: report.len() as u16 })? {
                Answer::ReportPart(part) => {
                    report.extend_from_slice(&part.bytes);
                    if report.len() >= usize::from(part.length) {
                        return Ok(report);
                    }
                }
                other => return Err(format!("asked for its report, the device answered {other:?}")),
            }
        }
    }

    /// The next frame that comes by then.
    fn frame(&mut self, by: Instant) -> Outcome<Option<Frame>> {
        loop {
            while let Some(byte) = self.bytes.pop_front() {
                // Time stands still: what a device has begun to send it sends to the end, or it is gone.
                match self.frames.receive(byte, 0) {
                    Received::Nothing => {}
                    Received::Frame(frame) => return Ok(Some(frame)),
                    Received::Broken => return Err("the device sent a broken frame".to_owned()),
                }
            }
            let left = by.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left)).map_err(at("the line"))?;
            let mut buffer = [0; 1024];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err("the device is gone".to_owned()),
                Ok(length) => self.bytes.extend(buffer.iter().take(length)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(format!("the line: {error}")),
            }
        }
    }

    fn keep(&mut self, frame: &Frame) -> Outcome<()> {
        let told = match frame.kind {
            kind::REPORT => Sent::read(&frame.payload).map(Told::Report),
            kind::LINK_CLOSED => Closed::read(&frame.payload).map(Told::Closed),
            kind::STARTED => State::read(&frame.payload).map(Told::Started),
            _ => None,
        };
        self.told.push_back(told.ok_or_else(|| format!("the device told something of kind {:#04x} that makes no sense", frame.kind))?);
        Ok(())
    }
}

fn read_answer(frame: &Frame) -> Option<Answer> {
    let payload: &Payload = &frame.payload;
    match frame.kind {
        kind::DONE => payload.is_empty().then_some(Answer::Done),
        kind::DECISION => Decided::read(payload).map(Answer::Decision),
        kind::SUPERVISION => Looked::read(payload).map(Answer::Supervision),
        kind::INSTALLED => Accepted::read(payload).map(Answer::Installed),
        kind::REFUSED => Refused::read(payload).map(Answer::Refused),
        kind::STATE => State::read(payload).map(Answer::State),
        kind::REPORT_PART => ReportPart::read(payload).map(Answer::ReportPart),
        kind::FAILED => Failure::read(payload).map(Answer::Failed),
        _ => None,
    }
}
