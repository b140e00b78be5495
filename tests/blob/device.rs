//! Both devices behind one name, so that a law is stated once.

use keyholder::blob::{Installed, Provenance, Refusal};
use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, GrantId};
use keyholder::firmware::{ImageDigest, Model, Version};
use keyholder::place::{Areas, Place};
use keyholder::time::Time;
use keyholder::{Act, ActRequest, Action, EngineerRequest, OpenClose, SessionRequest, SmallReceiver, Update, UpdateRequest, Who};

use crate::sample::{Envelope, NOW, RECEIVER, SITE, SamplePanel, panel, receiver};

/// A device that takes blobs.
pub(crate) trait Device: core::fmt::Debug + Clone {
    /// With the sample policy, under sequence 1.
    fn sample() -> Box<Self>;
    /// What its snapshots say in their heads.
    const ENVELOPE: Envelope;
    fn take(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal>;
    /// Where its policy came from.
    fn base(&self) -> Provenance;
    /// Asks a few questions.
    fn answer(self) -> String;

    /// What can be seen of it: its answers, and all it holds.
    fn seen(&self) -> (String, String) {
        (self.clone().answer(), format!("{self:?}"))
    }

    /// Asserts that `blob` is refused for that reason and changes nothing.
    fn assert_refuses(&mut self, name: &str, blob: &[u8], time: Time, refusal: Refusal) {
        let before = self.seen();
        assert_eq!(self.take(blob, time), Err(refusal), "{name}");
        assert!(before == self.seen(), "{name}: the device has changed");
    }
}

pub(crate) fn update(engineer: EngineerId) -> UpdateRequest {
    let update = Update {
        model: Model::named("KP-200").unwrap(),
        version: Version([2, 1, 0, 0]),
        installed: Version([2, 0, 0, 0]),
        image: ImageDigest([3; 32]),
    };
    UpdateRequest { engineer, site: SITE, update }
}

impl Device for SamplePanel {
    fn sample() -> Box<Self> {
        panel()
    }

    const ENVELOPE: Envelope = Envelope::PANEL;

    fn take(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        self.install(blob, time)
    }

    fn base(&self) -> Provenance {
        *self.provenance().unwrap()
    }

    fn answer(mut self) -> String {
        let place = Place::new(1, Areas(0b11)).unwrap();
        let open = OpenClose {
            who: Who::Code(&Code::typed(b"2222")),
            action: Action::Open,
            place,
            remote: false,
            armed_by: UserNumber::NOBODY,
            in_alarm: false,
        };
        let asked = EngineerRequest { engineer: EngineerId(41), site: SITE, capabilities: Capabilities::CHANGE_SETTINGS };
        let answers = [
            self.open_close(&open, NOW),
            self.open_close(&OpenClose { who: Who::Code(&Code::typed(b"1111")), ..open }, Time::Unknown),
            self.open_close(&OpenClose { who: Who::User(UserNumber(3)), ..open }, NOW),
            self.engineer(&asked, NOW),
            self.act(&ActRequest { who: Who::User(UserNumber(1)), act: Act::Revoke(GrantId(901)), remote: false }, NOW),
            self.engineer(&asked, NOW),
            self.update(&update(EngineerId(42)), NOW),
        ];
        format!("{answers:?}")
    }
}

impl Device for SmallReceiver {
    fn sample() -> Box<Self> {
        receiver()
    }

    const ENVELOPE: Envelope = Envelope::RECEIVER;

    fn take(&mut self, blob: &[u8], time: Time) -> Result<Installed, Refusal> {
        self.install(blob, time)
    }

    fn base(&self) -> Provenance {
        *self.provenance().unwrap()
    }

    fn answer(mut self) -> String {
        let asked = EngineerRequest { engineer: EngineerId(41), site: SITE, capabilities: Capabilities::CHANGE_SETTINGS };
        let session = SessionRequest { engineer: EngineerId(41), site: SITE };
        let answers = [
            self.engineer(&asked, NOW),
            self.engineer(&EngineerRequest { site: RECEIVER, ..asked }, NOW),
            self.begin_session(&session, NOW),
            self.end_session(&session, NOW),
            self.engineer(&asked, NOW),
            self.update(&update(EngineerId(42)), NOW),
        ];
        format!("{answers:?}")
    }
}
