//! Contacts, and whose code is whose.

use std::collections::BTreeMap;

use keyholder::code::{Code, CodeKey, Credential, Digest, LONGEST_PASSCODE, Passcode};
use keyholder::contact::{Contact, Permissions, UseLimit, UserNumber};
use keyholder::policy::Part;
use sha2::{Digest as _, Sha256};
use toml::Spanned;

use super::schedule::AreaLists;
use super::{Placed, Places, minutes, optional, period, settle};
use crate::complaint::{Mistake, Place};
use crate::names::CalledNames;
use crate::policy_file::ContactTable;
use crate::values::{self, AreaMap, Duration};
use crate::zones::Clock;

pub(super) struct ContactRows {
    pub(super) contacts: Vec<Contact>,
    pub(super) codes: Vec<Credential>,
    pub(super) passcodes: Vec<Credential>,
}

pub(super) struct ContactCompiler<'a> {
    code_key: &'a CodeKey,
    clock: &'a Clock,
    lists: &'a mut AreaLists,
    names: &'a mut CalledNames,
    contacts: Vec<Placed<Contact>>,
    users: BTreeMap<u16, Place>,
    codes: Secrets,
    passcodes: Secrets,
}

/// Codes or passcodes, each of one owner only.
#[derive(Default)]
struct Secrets {
    rows: Vec<Placed<Credential>>,
    owners: BTreeMap<Digest, UserNumber>,
}

impl Secrets {
    fn add(&mut self, word: &str, digest: Digest, user: UserNumber, place: Place) -> Result<(), Mistake> {
        if let Some(owner) = self.owners.insert(digest, user) {
            let message = format!("user {} has the same {word}", owner.0);
            return Err(Mistake::at(place, message, format!("give each contact a {word} of its own")));
        }
        self.rows.push(Placed { row: Credential { digest, user }, place });
        Ok(())
    }
}

impl<'a> ContactCompiler<'a> {
    pub(super) fn new(code_key: &'a CodeKey, clock: &'a Clock, lists: &'a mut AreaLists, names: &'a mut CalledNames) -> Self {
        Self {
            code_key,
            clock,
            lists,
            names,
            contacts: Vec::new(),
            users: BTreeMap::new(),
            codes: Secrets::default(),
            passcodes: Secrets::default(),
        }
    }

    pub(super) fn contact(&mut self, contact: &Spanned<ContactTable>) -> Result<(), Mistake> {
        let table = contact.get_ref();
        let user = self.user_number(&table.user)?;
        let name = table.name.clone().unwrap_or_else(|| format!("user {}", user.0));
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(table.id.as_ref().unwrap_or(&name)).into();
        if table.name.is_some() {
            self.names.contacts.insert(user.0, name);
        }
        let mut permissions = table.permissions.0;
        permissions.set(Permissions::SUSPENDED, table.suspended);
        permissions.set(Permissions::DURESS, table.duress);
        permissions.set(Permissions::GUEST, table.guest);
        permissions.set(Permissions::REMOTE_ONLY, table.remote_only);
        permissions.set(Permissions::POWERLESS, table.powerless);
        let mut list = |areas: &Option<Spanned<AreaMap>>| areas.as_ref().map(|areas| self.lists.number(areas)).transpose();
        let (areas, test_areas) = (list(&table.areas)?.unwrap_or_default(), list(&table.test_areas)?.unwrap_or_default());
        let row = Contact {
            user,
            identity: [a, b, c, d],
            permissions,
            validity: period(&table.valid_from, &table.valid_until, Some(self.clock))?,
            limit: optional(&table.limit, UseLimit::Unlimited, use_limit)?,
            areas,
            test_areas,
            temp_open_minutes: optional(&table.temp_open, 0, |duration| match minutes(duration, 1440)? {
                // To the device 0 is what leaving it out means.
                0 => Err(Mistake::at(
                    duration.span(),
                    "a temp opening takes time",
                    "write at least \"1m\", or leave it out: until the window ends",
                )),
                minutes => Ok(minutes),
            })?,
        };
        self.contacts.push(Placed { row, place: contact.span() });
        if let Some(code) = &table.code {
            let digest = self.code_key.digest_code(&Code::typed(code_text(code)?.as_bytes()));
            self.codes.add("code", digest, user, code.span())?;
        }
        if let Some(passcode) = &table.passcode {
            let digest = self.code_key.digest_passcode(&Passcode::told(passcode.get_ref().as_bytes()));
            if digest == Digest::NONE {
                let message = format!("a passcode has 1 to {LONGEST_PASSCODE} bytes");
                return Err(Mistake::at(passcode.span(), message, "write a word or two"));
            }
            self.passcodes.add("passcode", digest, user, passcode.span())?;
        }
        Ok(())
    }

    fn user_number(&mut self, written: &Spanned<i64>) -> Result<UserNumber, Mistake> {
        let number = u16::try_from(*written.get_ref()).ok().filter(|number| (1..=UserNumber::MAX).contains(number));
        let Some(number) = number else {
            let message = format!("{} is not a user number", written.get_ref());
            return Err(Mistake::at(written.span(), message, format!("write a number from 1 to {}", UserNumber::MAX)));
        };
        if self.users.insert(number, written.span()).is_some() {
            return Err(Mistake::at(written.span(), format!("there is a user {number} already"), "give each contact a number of its own"));
        }
        Ok(UserNumber(number))
    }

    pub(super) fn finish(self, places: &mut Places) -> ContactRows {
        ContactRows {
            contacts: settle(Part::Contacts, self.contacts, places, |contact| contact.user),
            codes: settle(Part::Codes, self.codes.rows, places, |credential| credential.digest),
            passcodes: settle(Part::Passcodes, self.passcodes.rows, places, |credential| credential.digest),
        }
    }
}

/// The digits of a code.
fn code_text(code: &Spanned<toml::Value>) -> Result<&str, Mistake> {
    match code.get_ref() {
        toml::Value::String(text) if values::is_code(text) => Ok(text),
        toml::Value::Integer(_) => Err(Mistake::at(code.span(), "a code is not a number: leading zeros count", "write it in quotes")),
        _ => Err(Mistake::at(code.span(), "this is not a code", "write 4 to 8 digits in quotes")),
    }
}

fn use_limit(limit: &Spanned<toml::Value>) -> Result<UseLimit, Mistake> {
    let hint = "write \"once\", \"once_per_day\" or a duration such as \"30m\"";
    let wrong = || Mistake::at(limit.span(), format!("{} is not a use limit", limit.get_ref()), hint);
    let text = limit.get_ref().as_str().ok_or_else(wrong)?;
    match text {
        "once" => Ok(UseLimit::Once),
        "once_per_day" => Ok(UseLimit::OncePerDay),
        text => {
            let duration = Spanned::new(limit.span(), Duration::read(text).map_err(|_| wrong())?);
            match minutes(&duration, u16::MAX)? {
                0 => Err(wrong()),
                minutes => Ok(UseLimit::MinutesFromFirstUse(minutes)),
            }
        }
    }
}
