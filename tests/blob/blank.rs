//! Devices that are not set up yet.

use keyholder::blob::{Keys, Refusal};
use keyholder::code::Code;
use keyholder::contact::UserNumber;
use keyholder::engineer::{Capabilities, EngineerId, SiteId};
use keyholder::place::{AreaList, Areas, Place};
use keyholder::supervise::Supervision;
use keyholder::time::Time;
use keyholder::{Act, ActRequest, Action, EngineerRequest, OpenClose, SessionRequest, SmallReceiver, Who};

use crate::device::update;
use crate::sample::{
    CODE_KEY, Envelope, NOW, RECEIVER, SITE, SamplePanel, cloud, empty_panel, empty_receiver, key_of, panel, panel_rows, receiver,
    receiver_rows,
};

/// Asks about everybody in the sample policy, and about nobody.
fn assert_denies(panel: &mut SamplePanel, name: &str) {
    let code = Code::typed(b"2222");
    for time in [NOW, Time::Unknown] {
        for who in (0..=9).map(|user| Who::User(UserNumber(user))).chain([Who::Code(&code), Who::UserAndCode(UserNumber(2), &code)]) {
            for action in [Action::Open, Action::Close] {
                let place = Place::new(1, Areas(1)).unwrap();
                let request = OpenClose { who, action, place, remote: false, armed_by: UserNumber::NOBODY, in_alarm: true };
                assert!(!panel.open_close(&request, time).is_allowed(), "{name}: {request:?}");
            }
            for act in [Act::CancelAlarm, Act::Lift, Act::Test { areas: AreaList::ALL, minutes: 1 }, Act::Suspend(UserNumber(1))] {
                let request = ActRequest { who, act, remote: false };
                assert!(!panel.act(&request, time).is_allowed(), "{name}: {request:?}");
            }
        }
        for (engineer, site) in [0, 41, 42].map(EngineerId).into_iter().flat_map(|id| [(id, SITE), (id, SiteId(0))]) {
            let request = EngineerRequest { engineer, site, capabilities: Capabilities::VIEW_SETTINGS };
            assert!(!panel.engineer(&request, time).is_allowed(), "{name}: {request:?}");
            assert!(!panel.begin_session(&SessionRequest { engineer, site }, time).is_allowed(), "{name}: {request:?}");
            assert!(!panel.update(&update(engineer), time).is_allowed(), "{name}: {request:?}");
        }
        assert_eq!(panel.supervise(&AreaList::NONE, time), Supervision::Nothing, "{name}");
    }
    assert_eq!(panel.provenance(), None, "{name}");
}

#[test]
fn a_panel_that_is_not_set_up_denies_everything_and_obeys_nobody() {
    let mut blank = Box::new(SamplePanel::blank());
    assert_denies(&mut blank, "blank");
    let policy = panel_rows().encode();
    let unknown = Refusal::UnknownKey(key_of(&cloud()).id());
    for (recipient, refusal) in [(SITE, Refusal::WrongRecipient(SITE)), (SiteId(0), unknown)] {
        let blob = Envelope { recipient, ..Envelope::PANEL }.seal(&policy);
        assert_eq!(blank.install(&blob, NOW), Err(refusal), "{recipient:?}");
    }
    assert_denies(&mut blank, "after a blob");
}

#[test]
fn a_receiver_that_is_not_set_up_denies_everything_and_obeys_nobody() {
    let mut blank = Box::new(SmallReceiver::blank());
    let blob = Envelope::RECEIVER.seal(&receiver_rows().encode());
    assert_eq!(blank.install(&blob, NOW), Err(Refusal::WrongRecipient(RECEIVER)));
    for time in [NOW, Time::Unknown] {
        for (engineer, site) in [0, 41, 42].map(EngineerId).into_iter().flat_map(|id| [(id, SITE), (id, SiteId(0))]) {
            let request = EngineerRequest { engineer, site, capabilities: Capabilities::VIEW_SETTINGS };
            assert!(!blank.engineer(&request, time).is_allowed(), "{request:?}");
            assert!(!blank.begin_session(&SessionRequest { engineer, site }, time).is_allowed(), "{request:?}");
            assert!(!blank.update(&update(engineer), time).is_allowed(), "{request:?}");
        }
    }
}

#[test]
fn a_device_that_is_set_up_is_a_new_one_whatever_it_was() {
    let keys = Keys::only(key_of(&cloud()));
    for (name, mut device) in [("blank", Box::new(SamplePanel::blank())), ("with a policy", panel())] {
        device.set_up(SITE, keys, CODE_KEY);
        assert_eq!(format!("{device:?}"), format!("{:?}", empty_panel()), "{name}");
        assert_denies(&mut device, name);
    }
    for (name, mut device) in [("blank", Box::new(SmallReceiver::blank())), ("with a policy", receiver())] {
        device.set_up(RECEIVER, keys);
        assert_eq!(format!("{device:?}"), format!("{:?}", empty_receiver()), "{name}");
    }
}
