//! The serial line: questions come in as frames, answers and reports go out.

use embedded_io::{Read, ReadReady, Write};
use keyholder::report::Report;
use keyholder::time::Time;
use keyholder_line::answer::{Failure, Reported, Sent, kind};
use keyholder_line::fields::seconds;
use keyholder_line::frame::{Frame, Payload, Received, Receiver};

/// A serial line.
pub struct Line<R, T> {
    receive: R,
    transmit: T,
    frames: Receiver,
    /// The last question that was answered, and the answer.
    answered: Option<(Frame, Frame)>,
}

impl<R: Read + ReadReady, T: Write> Line<R, T> {
    /// The line over these two.
    pub const fn new(receive: R, transmit: T) -> Self {
        Self { receive, transmit, frames: Receiver::new(), answered: None }
    }

    /// The next question, once all of it has come. Repetitions are answered on the way.
    pub fn question(&mut self, milliseconds: u32) -> Option<Frame> {
        while let Ok(true) = self.receive.read_ready() {
            let mut byte = [0];
            // A byte that could not be read is one that is missing in its frame, whose check sum will tell.
            let Ok(1) = self.receive.read(&mut byte) else { continue };
            let [byte] = byte;
            match self.frames.receive(byte, milliseconds) {
                Received::Nothing => {}
                Received::Broken => {
                    defmt::warn!("a frame came broken");
                    self.send(&Frame::new(kind::FAILED, 0, Failure::Broken.write()));
                }
                Received::Frame(question) => match self.answered.take() {
                    Some((before, answer)) if question.tag != 0 && question == before => {
                        defmt::debug!("asked again: answered again");
                        self.send(&answer);
                        self.answered = Some((before, answer));
                    }
                    _ => return Some(question),
                },
            }
        }
        None
    }

    /// Answers a question.
    pub fn answer(&mut self, question: Frame, kind: u8, payload: Payload) {
        let answer = Frame::new(kind, question.tag, payload);
        self.send(&answer);
        self.answered = Some((question, answer));
    }

    /// Tells something that nobody asked for.
    pub fn tell(&mut self, kind: u8, payload: Payload) {
        self.send(&Frame::new(kind, 0, payload));
    }

    /// Sends a report, if there is anything to report.
    pub fn report(&mut self, report: &Report, at: Time) {
        if report.is_due() {
            self.tell(kind::REPORT, Sent { at: seconds(at), report: Reported::from(report) }.write());
        }
    }

    fn send(&mut self, frame: &Frame) {
        // Who waits in vain asks again.
        if self.transmit.write_all(&frame.to_bytes()).and_then(|()| self.transmit.flush()).is_err() {
            defmt::warn!("the line does not take what is sent");
        }
    }
}
