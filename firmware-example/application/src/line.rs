//! The serial line: questions come in as frames, answers and reports go out.

use embedded_io::{Read, ReadReady, Write};
use heapless::Deque;
use keyholder::report::Report;
use keyholder::time::Time;
use keyholder_line::answer::{Failure, Reported, Sent, kind};
use keyholder_line::fields::seconds;
use keyholder_line::frame::{Frame, LONGEST_FRAME, Payload, Received, Receiver};

/// Most frames that are kept until the line takes them.
const UNTOLD: usize = 8;

/// A serial line.
pub struct Line<R, T> {
    receive: R,
    transmit: T,
    frames: Receiver,
    /// The check sum of the last question that was answered, and the answer. Of a code in the question nothing else is kept; who could work it out from a sum
    /// has read the key of the codes' digests as well.
    answered: Option<(u32, Frame)>,
    /// What nobody asked for and the line has not taken yet.
    untold: Deque<Frame, UNTOLD>,
}

impl<R: Read + ReadReady, T: Write> Line<R, T> {
    /// The line over these two.
    pub const fn new(receive: R, transmit: T) -> Self {
        Self { receive, transmit, frames: Receiver::new(), answered: None, untold: Deque::new() }
    }

    /// The next question, once all of it has come. A repetition is answered here.
    ///
    /// At most as many bytes are taken as the longest question has, and one answer is given: who sends without end, or a port that fails without end, must
    /// not keep keypad and detector waiting.
    pub fn question(&mut self, milliseconds: u32) -> Option<Frame> {
        self.frames.expire(milliseconds);
        self.send_untold();
        for _ in 0..LONGEST_FRAME {
            let Ok(true) = self.receive.read_ready() else { return None };
            let mut byte = [0];
            // A byte that could not be read is one that is missing in its frame, whose check sum will tell.
            let Ok(1) = self.receive.read(&mut byte) else { continue };
            let [byte] = byte;
            match self.frames.receive(byte, milliseconds) {
                Received::Nothing => {}
                Received::Broken => {
                    defmt::warn!("a frame came broken");
                    self.send(&Frame::new(kind::FAILED, 0, Failure::Broken.write()));
                    return None;
                }
                Received::Frame(question) => match self.answered.take() {
                    Some((sum, answer)) if question.tag != 0 && question.tag == answer.tag && question.check_sum() == sum => {
                        defmt::debug!("asked again: answered again");
                        self.send(&answer);
                        self.answered = Some((sum, answer));
                        return None;
                    }
                    _ => return Some(question),
                },
            }
        }
        None
    }

    /// Answers a question.
    pub fn answer(&mut self, question: &Frame, kind: u8, payload: Payload) {
        let answer = Frame::new(kind, question.tag, payload);
        self.send(&answer);
        self.answered = Some((question.check_sum(), answer));
    }

    /// Tells something that nobody asked for. What the line does not take is told once it does; beyond so many, the oldest gives way.
    pub fn tell(&mut self, kind: u8, payload: Payload) {
        if self.untold.is_full() {
            defmt::warn!("something was never told");
            _ = self.untold.pop_front();
        }
        _ = self.untold.push_back(Frame::new(kind, 0, payload));
        self.send_untold();
    }

    /// Whether something more would be kept if the line does not take it. Who can wait with what there is to tell asks before.
    pub fn has_room(&self) -> bool {
        !self.untold.is_full()
    }

    fn send_untold(&mut self) {
        while let Some(frame) = self.untold.front() {
            if send(&mut self.transmit, frame).is_err() {
                return;
            }
            _ = self.untold.pop_front();
        }
    }

    /// Sends a report, if there is anything to report.
    pub fn report(&mut self, report: &Report, at: Time) {
        if report.is_due() {
            self.tell(kind::REPORT, Sent { at: seconds(at), report: Reported::from(report) }.write());
        }
    }

    fn send(&mut self, frame: &Frame) {
        // Who waits in vain asks again.
        if send(&mut self.transmit, frame).is_err() {
            defmt::warn!("the line does not take what is sent");
        }
    }
}

fn send<T: Write>(transmit: &mut T, frame: &Frame) -> Result<(), T::Error> {
    transmit.write_all(&frame.to_bytes())?;
    transmit.flush()
}
