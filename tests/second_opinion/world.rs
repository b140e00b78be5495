//! A site or receiver to try things on: a random policy, devices that hold it, and questions to ask.

use super::calendar::ZoneRule;
use super::device::{Device, RECEIVER, large_panel, large_receiver, panel_blob, receiver_blob};
use super::generate::{Rng, Scene, other_hours, scene};
use super::model::{Contact, Policy};
use super::question::{Question, Secret, Subject, Who};
use super::sequence;
use super::wire::{AccessRows, PanelRows, number};
use keyholder::engineer::SiteId;
use keyholder::time::Time;

/// A random scene as one panel meets it.
pub struct World {
    pub scene: Scene,
    /// What the panel of the scene's site holds: of all grants, its own.
    pub policy: Policy,
    /// The same with other hours, which takes turns with it.
    pub other_hours: Policy,
    /// For the panel: none is about another site of the scene.
    pub questions: Vec<Question>,
}

impl World {
    pub fn random(rng: &mut Rng, zones: &[(&'static str, ZoneRule)], questions: usize) -> Self {
        let scene = scene(rng, zones);
        let questions = sequence::questions(rng, &scene, questions);
        let questions = questions.iter().map(|question| at_own_site(question, &scene)).collect();
        let mut policy = scene.policy.clone();
        policy.access.sites.retain(|site| site.id == policy.site.id);
        policy.access.grants.retain(|grant| grant.site == policy.site.id);
        let today = policy.site.zone.wall_clock(scene.base).date;
        let other_hours = Policy { site: other_hours(rng, &policy.site, today), ..policy.clone() };
        Self { scene, policy, other_hours, questions }
    }

    /// What a receiver of the scene holds: engineers, grants and sites, but nothing that opens or closes.
    pub fn receiver_policy(&self) -> Policy {
        let mut policy = self.scene.policy.clone();
        policy.site.id = RECEIVER.0;
        policy.site.schedules.clear();
        policy
    }

    /// The questions that a receiver is asked too.
    pub fn receiver_questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| !matches!(question.subject, Subject::OpenClose(_) | Subject::Act(..)))
    }

    pub fn contact(&self, number: u16) -> Option<&Contact> {
        self.policy.site.contacts.iter().find(|contact| contact.number == number)
    }

    /// The question asked by the same person, but by number: no code is typed that could be wrong.
    pub fn by_number(&self, question: &Question) -> Question {
        let mut question = question.clone();
        let (Subject::OpenClose(super::question::OpenClose { who, .. }) | Subject::Act(who, _)) = &mut question.subject else {
            return question;
        };
        let owner = self.policy.site.contacts.iter().find(|contact| match &who.secret {
            Some(Secret::Code(code)) => contact.code.as_ref() == Some(code),
            Some(Secret::Passcode(passcode)) => contact.passcode.as_ref() == Some(passcode),
            None => Some(contact.number) == who.number,
        });
        *who = Who { number: Some(owner.map_or(NOBODY, |owner| owner.number)), secret: None, remote: who.remote };
        question
    }
}

/// A user number that nobody has.
pub const NOBODY: u16 = 1000;

/// A question that is denied and changes nothing but the highest clock reading.
pub fn nobodys(question: &Question) -> Question {
    let who = Who { number: Some(NOBODY), secret: None, remote: false };
    Question { clock: question.clock, subject: Subject::Act(who, super::question::Act::CancelAlarm) }
}

/// A fresh panel with this policy.
pub fn panel_with(policy: &Policy) -> Box<dyn Device> {
    let mut panel = large_panel(SiteId(policy.site.id));
    install(&mut *panel, policy, 1);
    panel
}

/// Gives a panel another policy.
pub fn install(panel: &mut dyn Device, policy: &Policy, sequence: u64) {
    let installed = panel.install(&panel_blob(&PanelRows::of(policy), sequence), Time::Unknown);
    assert!(installed.is_ok(), "{installed:?}: {policy:?}");
}

/// A fresh receiver with this policy.
pub fn receiver_with(policy: &Policy) -> Box<dyn Device> {
    let mut receiver = large_receiver();
    let blob = receiver_blob(&AccessRows::of(policy), number(policy.clock_tolerance), 1);
    let installed = receiver.install(&blob, Time::Unknown);
    assert!(installed.is_ok(), "{installed:?}: {policy:?}");
    receiver
}

/// The question about another site of the scene, asked about the panel's own.
fn at_own_site(question: &Question, scene: &Scene) -> Question {
    let mut question = question.clone();
    let at = match &mut question.subject {
        Subject::Use { site, .. } | Subject::BeginSession { site, .. } | Subject::EndSession { site, .. } => Some(site),
        Subject::Firmware(update) => Some(&mut update.site),
        _ => None,
    };
    if let Some(site) = at.filter(|site| scene.policy.access.sites.iter().any(|known| known.id == **site)) {
        *site = scene.policy.site.id;
    }
    question
}
