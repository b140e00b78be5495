//! A panel's file.

use keyholder::code::CodeKey;
use keyholder::engineer::SiteId;
use keyholder::policy::Part;
use keyholder::policy::panel::{Site, SiteOptions};
use toml::Spanned;

use super::access::AccessCompiler;
use super::contact::ContactCompiler;
use super::schedule::ScheduleCompiler;
use super::{Places, Policy, clock, id, minutes, optional, seconds};
use crate::complaint::Mistake;
use crate::names::CalledNames;
use crate::policy_file::{ContactTable, PanelFile, PanelTable};
use crate::snapshot::{PanelRows, Rows};
use crate::zones::Clock;

use super::schedule::AreaLists;

pub(super) fn compile(file: &PanelFile, code_key: &CodeKey) -> Result<Policy, Mistake> {
    let table = file.panel.get_ref();
    let mut warnings = Vec::new();
    let clock = clock(&table.zone, &mut warnings)?;
    let site = site(table, &clock)?;
    let mut names = CalledNames { device: table.name.clone().unwrap_or_else(|| format!("site {}", site.id.0)), ..CalledNames::default() };
    names.sites.insert(site.id.0, names.device.clone());
    let mut places = Places::default();
    places.note(Part::Head, [&file.panel.span()]);

    let mut lists = AreaLists::new(site.areas);
    let mut schedules = ScheduleCompiler::new(&mut lists, &mut places);
    schedules.holidays(&file.holiday, &file.schedule, &mut warnings)?;
    for schedule in &file.schedule {
        schedules.schedule(schedule)?;
    }
    for window in &file.temp_open {
        schedules.window(window)?;
    }
    let timetable = schedules.finish();
    warnings.extend(forgotten_by_name(&file.contact));
    let mut contacts = ContactCompiler::new(code_key, &clock, &mut lists, &mut names);
    for contact in &file.contact {
        contacts.contact(contact)?;
    }
    let contacts = contacts.finish(&mut places);
    let mut compiler = AccessCompiler { own_site: Some(site.id), clock: Some(&clock), names: &mut names, places: &mut places };
    let own = compiler.own_site(site.id, file.access.as_ref(), file.panel.span())?;
    let access = compiler.rows(own, &file.engineer, &file.grant, &file.firmware)?;
    let rows = PanelRows {
        site,
        lists: lists.finish(&mut places),
        schedules: timetable.schedules,
        layers: timetable.layers,
        spans: timetable.spans,
        holidays: timetable.holidays,
        windows: timetable.windows,
        contacts: contacts.contacts,
        codes: contacts.codes,
        passcodes: contacts.passcodes,
        access,
    };
    Ok(Policy {
        rows: Rows::Panel(Box::new(rows)),
        names,
        clock: Some(clock),
        size: table.size.unwrap_or_default(),
        says_size: table.size.is_some(),
        warnings,
        places,
    })
}

/// A warning about the first use limit that a corrected name would lift.
fn forgotten_by_name(contacts: &[Spanned<ContactTable>]) -> Option<Mistake> {
    let contact = contacts.iter().map(Spanned::get_ref).find(|contact| contact.limit.is_some() && contact.id.is_none())?;
    let message =
        format!("user {} has a `limit` and no `id`: with another spelling of the name its uses begin anew", contact.user.get_ref());
    Some(Mistake::at(contact.limit.as_ref()?.span(), message, "give every contact with a `limit` an `id` that stays"))
}

fn site(table: &PanelTable, clock: &Clock) -> Result<Site, Mistake> {
    let mut options = table.options.0;
    let lockout = table.lockout.as_ref();
    options.set(SiteOptions::LOCKOUT_AT_EACH_FURTHER, lockout.is_some_and(|lockout| lockout.each_further));
    let wrong_code_limit = match lockout.and_then(|lockout| lockout.wrong_codes.as_ref()) {
        None => Site::NONE.wrong_code_limit,
        Some(limit) => u8::try_from(*limit.get_ref())
            .ok()
            .filter(|limit| *limit != 0)
            .ok_or_else(|| Mistake::at(limit.span(), "so many wrong codes cannot be counted", "write a number from 1 to 255"))?,
    };
    let lockout_seconds = match lockout.and_then(|lockout| lockout.lasts.as_ref()) {
        None => Site::NONE.lockout_seconds,
        Some(lasts) => match seconds(lasts, u16::MAX)? {
            0 => return Err(Mistake::at(lasts.span(), "a lockout takes time", "write at least \"1s\"; EN 50131-3 asks for \"90s\"")),
            seconds => seconds,
        },
    };
    let longest_test = optional(&table.longest_test, Site::NONE.longest_test, |longest| match minutes(longest, u16::MAX)? {
        0 => Err(Mistake::at(longest.span(), "a test takes time", "write at least \"1m\"")),
        minutes => Ok(minutes),
    })?;
    let late_margin = optional(&table.late_margin, 0, |margin| minutes(margin, 720))?;
    let latest_close = optional(&table.latest_close, Site::NONE.latest_close, |time| {
        let latest = time.get_ref().0;
        let hint = "nothing about a span happens later than \"48:00\": write an earlier time, or a shorter `late_margin`";
        if latest + late_margin > 2880 {
            Err(Mistake::at(time.span(), "the late margin behind this is too late", hint))
        } else {
            Ok(latest)
        }
    })?;
    Ok(Site {
        id: SiteId(id(&table.site)?),
        zone: clock.zone,
        areas: table.systems.0,
        options,
        early_margin: optional(&table.early_margin, 0, |margin| minutes(margin, 720))?,
        late_margin,
        latest_close,
        longest_test,
        wrong_code_limit,
        lockout_seconds,
        clock_tolerance: optional(&table.clock_tolerance, Site::NONE.clock_tolerance, |tolerance| seconds(tolerance, u16::MAX))?,
    })
}
