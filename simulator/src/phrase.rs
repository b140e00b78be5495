//! Questions and answers in words, for people who read a transcript.

use keyholder::act::Act;
use keyholder::blob::{Installed, KeyRole};
use keyholder::contact::UserNumber;
use keyholder::engineer::{EngineerId, SiteId};
use keyholder::place::{AreaList, Areas};
use keyholder::report::Report;
use keyholder::supervise::Due;
use keyholder::sync::Holding;
use keyholder::time::{Instant, Time};
use keyholder::{Action, Decision, Verdict};

use crate::answer::{Answer, instant, refusal_name};
use crate::device::Device;
use crate::flags::Names;
use crate::names::CalledNames;
use crate::request::{Asker, Question, Signer};
use crate::told::DueWords;
use crate::upstream;
use crate::values::AreaMap;

/// Puts what a device is asked and answers into words.
#[derive(Clone, Copy)]
pub struct Phrase<'a> {
    /// The device, for its wall clock.
    pub device: &'a Device,
    /// What people call everybody.
    pub names: &'a CalledNames,
}

impl Phrase<'_> {
    /// What is asked.
    pub fn question(&self, question: &Question) -> String {
        match question {
            Question::OpenClose { asker, action, place, remote, in_alarm, .. } => {
                let verb = match action {
                    Action::Open => "opens",
                    Action::Close => "closes",
                };
                let manner = [(*remote, " remotely"), (*in_alarm, " in alarm")];
                let manner: String = manner.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
                format!("{} {verb} {}{manner}", self.asker(asker), place_words(place.system(), place.areas()))
            }
            Question::Act { asker, act, remote } => {
                format!("{} {}{}", self.asker(asker), self.act(act), if *remote { " remotely" } else { "" })
            }
            Question::Engineer(request) => {
                format!(
                    "{} wants {}{}",
                    self.engineer(request.engineer),
                    Names(request.capabilities).write().join(", "),
                    self.on_site(request.site)
                )
            }
            Question::BeginSession(request) => {
                format!("{} begins a session{}", self.engineer(request.engineer), self.on_site(request.site))
            }
            Question::EndSession(request) => format!("{} ends the session{}", self.engineer(request.engineer), self.on_site(request.site)),
            Question::Update(request) => {
                let version = |numbers: [u16; 4]| numbers.map(|number| number.to_string()).join(".");
                let (old, new) = (version(request.update.installed.0), version(request.update.version.0));
                format!("{} updates {old} to {new}{}", self.engineer(request.engineer), self.on_site(request.site))
            }
            Question::Tick { .. } => "deadlines are looked at".to_owned(),
            Question::Install { path, signer } => format!("is given {}{}", path.display(), signed_by(*signer)),
            Question::Patch { path, signer } => format!("is given what changes in {}{}", path.display(), signed_by(*signer)),
            Question::ChangeKey { role, signer } => {
                let role = match role {
                    KeyRole::Signing => "signing",
                    KeyRole::Recovery => "recovery",
                };
                format!("is given another {role} key{}", signed_by(*signer))
            }
            Question::CorrectClock { to, signer, .. } => {
                format!("is told that its clock should read {}{}", self.time(*to, Time::Unknown), signed_by(*signer))
            }
            Question::PowerCycle => "loses its power and gets it back".to_owned(),
            Question::WearOut(true) => "can no longer write to its flash".to_owned(),
            Question::WearOut(false) => "can write to its flash again".to_owned(),
            Question::Report => "reports to the cloud".to_owned(),
        }
    }

    fn asker(&self, asker: &Asker) -> String {
        match (asker.user(), asker.secret()) {
            (Some(user), None) => self.names.contact(user.0),
            (Some(user), Some(secret)) => format!("{} with a {secret}", self.names.contact(user.0)),
            (None, secret) => format!("a {}", secret.unwrap_or("nobody")),
        }
    }

    fn engineer(&self, id: EngineerId) -> String {
        if id == EngineerId::default() { "an unknown engineer".to_owned() } else { self.names.engineer(id.0) }
    }

    /// Where, if it could be elsewhere.
    fn on_site(&self, site: SiteId) -> String {
        if self.device.is_panel() && site == self.device.recipient() { String::new() } else { format!(" on {}", self.names.site(site.0)) }
    }

    fn act(&self, act: &Act) -> String {
        let contact = |user: &UserNumber| self.names.contact(user.0);
        match act {
            Act::CancelAlarm => "cancels the alarm".to_owned(),
            Act::EditCustomer => "edits the customer's record".to_owned(),
            Act::ReceiveInformation => "asks about the account".to_owned(),
            Act::Test { areas, minutes: 0 } => format!("puts {} on test", area_words(areas)),
            Act::Test { areas, minutes } => format!("puts {} on test for {minutes} min", area_words(areas)),
            Act::EndTest { areas } => format!("takes {} off test", area_words(areas)),
            Act::ExtendClosing { place, minutes } => {
                format!("extends the closing of {} by {minutes} min", place_words(place.system(), place.areas()))
            }
            Act::SetSpan { schedule, span: None, .. } => format!("keeps schedule {schedule} closed for a day"),
            Act::SetSpan { schedule, span: Some(span), .. } => {
                let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
                format!("sets schedule {schedule} to {}-{} for a day", time(span.opens_from), time(span.must_be_closed_by))
            }
            Act::OpenWindow { place, minutes } => {
                format!("opens a temp-open window of {minutes} min for {}", place_words(place.system(), place.areas()))
            }
            Act::Suspend(user) => format!("suspends {}", contact(user)),
            Act::Reinstate(user) => format!("reinstates {}", contact(user)),
            Act::Grant { engineer, answers_request: false } => format!("grants access to {}", self.engineer(*engineer)),
            Act::Grant { engineer, answers_request: true } => format!("answers the request of {}", self.engineer(*engineer)),
            Act::Revoke(id) => format!("revokes grant {}", id.0),
            Act::Lift => "lifts the restriction".to_owned(),
            Act::Restrict => "restricts the site".to_owned(),
        }
    }

    /// What is answered: whether it goes ahead, why, and what else there is to say.
    pub fn answer(&self, question: &Question, answer: &Answer, at: Time) -> [String; 3] {
        match answer {
            Answer::Decision(decision) => {
                let asked_by = match question {
                    Question::OpenClose { asker, .. } | Question::Act { asker, .. } => asker.user(),
                    _ => None,
                };
                self.decision(decision, asked_by, at)
            }
            Answer::Due(all) if all.is_empty() => ["nothing due".to_owned(), String::new(), String::new()],
            Answer::Due(all) => [format!("{} due", all.len()), String::new(), String::new()],
            Answer::Blob { outcome: Ok(installed), acknowledgement } => {
                let word = match installed {
                    Installed::Now => "installed",
                    Installed::Already => "installed already",
                };
                [
                    word.to_owned(),
                    String::new(),
                    acknowledgement.sequence.map(|sequence| format!("sequence {sequence}")).unwrap_or_default(),
                ]
            }
            Answer::Blob { outcome: Err(refusal), .. } => ["refused".to_owned(), refusal_name(refusal), refusal.to_string()],
            Answer::Booted(holding) => ["started".to_owned(), String::new(), policy_words(holding)],
            Answer::Report(bytes) => ["reported".to_owned(), String::new(), format!("{} bytes", bytes.len())],
            Answer::Done => ["done".to_owned(), String::new(), String::new()],
        }
    }

    /// Who was recognised is told unless the question, `asked_by` that number, has told it.
    fn decision(&self, decision: &Decision, asked_by: Option<UserNumber>, at: Time) -> [String; 3] {
        let verdict = match decision.verdict {
            Verdict::Deny => "denied",
            Verdict::AllowWithViolation => "violation",
            Verdict::Allow => "allowed",
        };
        let mut rest = vec![report(&decision.report)];
        if decision.user != UserNumber::NOBODY && asked_by != Some(decision.user) {
            rest.push(self.names.contact(decision.user.0));
        }
        rest.extend(decision.until.map(|until| format!("until {}", self.time(until, at))));
        rest.extend(decision.close_by.map(|close_by| format!("close by {}", self.time(close_by, at))));
        if decision.grant.0 != 0 {
            rest.push(format!("grant {}", decision.grant.0));
        }
        let left = Names(decision.left).write();
        if !left.is_empty() {
            rest.push(format!("left: {}", left.join(", ")));
        }
        rest.retain(|part| !part.is_empty());
        [verdict.to_owned(), decision.reason.name().to_owned(), rest.join("  ")]
    }

    /// What has fallen due: about what, and what is sent.
    pub fn due(&self, due: &Due) -> [String; 3] {
        let report_of = &due.report;
        let mut about = Vec::new();
        if report_of.system != 0 {
            about.push(place_words(report_of.system, report_of.areas));
        }
        if report_of.user.0 != 0 {
            about.push(self.names.contact(report_of.user.0));
        }
        if report_of.engineer.0 != 0 {
            about.push(format!("{}{}", self.engineer(report_of.engineer), self.on_site(report_of.site)));
        }
        if report_of.grant.0 != 0 {
            about.push(format!("grant {}", report_of.grant.0));
        }
        [about.join(", "), report_of.event.name().to_owned(), codes(report_of)]
    }

    /// The same with its date and time.
    pub fn due_words(&self, due: &Due) -> DueWords {
        let local = self.device.clock().and_then(|clock| clock.local(due.at));
        DueWords { date: local.map(|local| local.date()), clock: self.time(due.at, Time::Known(due.at)), words: self.due(due) }
    }

    /// An instant on the wall clock; without its date if that is the date of `at`.
    pub fn time(&self, when: Instant, at: Time) -> String {
        let local = |instant: Instant| self.device.clock().and_then(|clock| clock.local(instant));
        let Some(when_local) = local(when) else { return instant(when) };
        let today = match at {
            Time::Known(at) => local(at).map(|at| at.date()),
            Time::Unknown => None,
        };
        let clock = when_local.strftime(if when_local.second() == 0 { "%H:%M" } else { "%H:%M:%S" });
        if today == Some(when_local.date()) { clock.to_string() } else { format!("{} {clock}", when_local.date()) }
    }
}

/// Whose signature it is, unless it is the usual one.
fn signed_by(signer: Signer) -> String {
    if signer == Signer::Signing { String::new() } else { format!(", signed with the {} key", signer.word()) }
}

fn policy_words(holding: &Holding) -> String {
    let policy = holding.policy.map_or_else(|| "no policy".to_owned(), |policy| format!("sequence {}", policy.sequence));
    let damage = upstream::damage(holding.damage);
    if damage.is_empty() { policy } else { format!("{policy}  damaged: {}", damage.join(", ")) }
}

fn codes(report: &Report) -> String {
    let parts = [report.contact_id().map(|id| id.to_string()), report.sia().map(str::to_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What is sent; an event without codes by its name.
fn report(report: &Report) -> String {
    if !report.is_due() {
        return String::new();
    }
    let codes = codes(report);
    if codes.is_empty() { report.event.name().to_owned() } else { codes }
}

fn place_words(system: u8, areas: Areas) -> String {
    let word = if areas.0.count_ones() == 1 { "area" } else { "areas" };
    format!("system {system} {word} {}", AreaMap::write(areas))
}

fn area_words(list: &AreaList) -> String {
    if *list == AreaList::ALL {
        return "the whole site".to_owned();
    }
    let systems = (1..).zip(list.0).filter(|(_, areas)| !areas.is_empty());
    systems.map(|(system, areas)| place_words(system, areas)).collect::<Vec<_>>().join(" and ")
}
