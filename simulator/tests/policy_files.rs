//! What is wrong with a policy file is told of its line, with what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails has to say so")]

use std::path::Path;

use keyholder::time::Instant;
use keyholder_simulator::compile::compile;
use keyholder_simulator::complaint::{Complaint, Document};
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::policy_file::PolicyFile;
use keyholder_simulator::rig::seal_checked;
use keyholder_simulator::seal::Label;
use keyholder_simulator::snapshot::Rows;

/// Line numbers of snippets count from here.
const PANEL: &str = "[panel]\nsite = 17\nzone = \"Europe/London\"\nsystems = { 1 = \"1-4\" }\n";
const PANEL_LINES: usize = 4;
const RECEIVER: &str = "[receiver]\nid = 900\n";
const RECEIVER_LINES: usize = 2;

fn judge(text: &str) -> Result<Vec<String>, Complaint> {
    let path = Path::new("policy.toml");
    let document = Document { path, text };
    let keys = Keys::throw_away();
    let policy = PolicyFile::read(text).and_then(|file| compile(&file, &keys.code_key())).map_err(|mistake| document.complaint(mistake))?;
    let label = Label { sequence: 1, issued_at: Instant(0), expires_at: Instant::LATEST };
    seal_checked(path, text, &policy, &keys, &label)?;
    Ok(policy.warnings.iter().map(|warning| warning.message.clone()).collect())
}

fn check_complaints(head: &str, head_lines: usize, cases: &[(&str, usize, &str, &str)]) {
    for (snippet, line, message, hint) in cases {
        let complaint = judge(&format!("{head}{snippet}")).expect_err(snippet);
        let text = complaint.to_string();
        assert!(complaint.message().contains(message), "{snippet}\n{text}");
        assert!(text.contains(hint), "{snippet}\n{text}");
        assert_eq!(complaint.line(), Some(head_lines + line), "{snippet}\n{text}");
    }
}

#[test]
fn a_panels_mistakes_are_told_of_their_line_with_what_to_do() {
    let span = "[[schedule]]\nareas = { 1 = 1 }\n[[schedule.span]]\n";
    let contact = "[[contact]]\nuser = 1\ncode = \"1234\"\n";
    let engineer = "[[engineer]]\nid = 3\nemail = \"eve@install.example\"\n";
    let cases = [
        ("zoen = 1\n", 1, "unknown key `zoen`", "write `zone`"),
        ("size = 3\n", 1, "this is not a text", "in quotes"),
        ("lockout = 90\n", 1, "this is integer `90`, not a table", "in braces"),
        ("[[contact]]\nuser = \"1\"\n", 2, "not a whole number", "without quotes"),
        ("[[contact]]\nuser = 1\nguest = \"yes\"\n", 3, "not true or false", "one of the two"),
        ("size = \"medium\"\n", 1, "\"medium\" is not known here", "write one of small, standard, large"),
        ("early_margin = \"13h\"\n", 1, "too long", "at most \"720m\""),
        ("early_margin = \"90s\"\n", 1, "whole minutes", "round it"),
        ("early_margin = 15\n", 1, "this is a number, not a duration", "write it with its unit"),
        ("options = [\"report-only\"]\n", 1, "no option is called \"report-only\"", "write `report_only`"),
        ("lockout = { wrong_codes = 0 }\n", 1, "cannot be counted", "from 1 to 255"),
        ("longest_test = \"0m\"\n", 1, "a test takes time", "at least"),
        ("latest_close = \"49:00\"\n", 1, "\"49:00\" is not a time of day", "\"26:00\""),
        ("[[contact]]\nuser = 1000\n", 2, "1000 is not a user number", "from 1 to 999"),
        ("[[contact]]\nuser = 0\n", 2, "0 is not a user number", "from 1 to 999"),
        ("[[contact]]\nname = \"A\"\n", 1, "`user` is missing", "add a line `user = …`"),
        ("[[contact]]\nuser = 1\n[[contact]]\nuser = 1\n", 4, "there is a user 1 already", "a number of its own"),
        ("[[contact]]\nuser = 1\ncode = 1234\n", 3, "leading zeros count", "in quotes"),
        ("[[contact]]\nuser = 1\ncode = \"123\"\n", 3, "not a code", "4 to 8 digits"),
        (&format!("{contact}[[contact]]\nuser = 2\ncode = \"1234\"\n"), 6, "user 1 has the same code", "a code of its own"),
        ("[[contact]]\nuser = 1\npasscode = \"\"\n", 3, "1 to 32 bytes", "a word or two"),
        ("[[contact]]\nuser = 1\nlimit = \"twice\"\n", 3, "\"twice\" is not a use limit", "once_per_day"),
        ("[[contact]]\nuser = 1\nlimit = 3\n", 3, "3 is not a use limit", "once_per_day"),
        ("[[contact]]\nuser = 1\nlimit = \"0m\"\n", 3, "\"0m\" is not a use limit", "once_per_day"),
        ("[[contact]]\nuser = 1\ntemp_open = \"0m\"\n", 3, "takes time", "at least \"1m\", or leave it out: until the window ends"),
        (
            "[[contact]]\nuser = 1\npermissions = \"all\"\n",
            3,
            "no permission is called \"all\"",
            "name each that is meant: with_schedule, ",
        ),
        (
            "[[contact]]\nuser = 1\npermissions = [\"with_schedule\", \"duress\"]\n",
            3,
            "no permission is called \"duress\"",
            "write `duress = true`",
        ),
        ("options = \"all\"\n", 1, "no option is called \"all\"", "name each that is meant: report_only, "),
        ("[access]\noptions = [\"all\"]\n", 2, "no option is called \"all\"", "name each that is meant: cameras, "),
        ("[contact]\nuser = 1\n", 1, "one table, not a list of tables", "double the brackets of its heading"),
        (
            "[[schedule]]\nareas = { 1 = 1 }\n[schedule.span]\nopens_from = 08:00\nmust_be_closed_by = 18:00\n",
            3,
            "one table, not a list of tables",
            "double the brackets of its heading",
        ),
        (&format!("{span}opens_from = 08:00\nmust_be_closed_by = 18:00\ndays = []\n"), 6, "no weekdays", "leave it out to mean daily"),
        ("[[firmware]]\nid = 1\nmodel = \"KH\"\nfirst = \"2.*\"\nlast = \"3\"\n", 4, "`*` is for `last` only", "the first version"),
        (
            &format!("{engineer}[[grant]]\nid = 1\nengineer = \"somebody@else.example\"\ncapabilities = \"all\"\n"),
            6,
            "no engineer \"somebody@else.example\"",
            "name one of its [[engineer]]s, or add an [[engineer]]",
        ),
        ("[[contact]]\nuser = 1\npermissions = [\"any_time\"]\n", 3, "no permission is called \"any_time\"", "write `anytime`"),
        ("[[contact]]\nuser = 1\nareas = { 1 = \"3-7\" }\n", 3, "system 1 has no area 5-7", "`systems` of [panel]"),
        ("[[contact]]\nuser = 1\nareas = { 1 = 33 }\n", 3, "33 is not an area", "from 1 to 32"),
        ("[[contact]]\nuser = 1\nareas = { 9 = 1 }\n", 3, "`9` is not a system", "from 1 to 8"),
        (
            "[[contact]]\nuser = 1\nvalid_from = 2027-01-01\nvalid_until = 2027-01-01\n",
            4,
            "ends before it starts, or at once",
            "a later end",
        ),
        ("[[contact]]\nuser = 1\nvalid_from = \"soon\"\n", 3, "\"soon\" is no point in time", "2026-11-22 22:30"),
        (
            &format!("{span}opens_from = \"18:00\"\nmust_be_closed_by = \"02:00\"\n"),
            5,
            "not after the start",
            "must_be_closed_by = \"26:00\"",
        ),
        (&format!("{span}opens_from = \"24:00\"\nmust_be_closed_by = \"26:00\"\n"), 4, "on the next day already", "before \"24:00\""),
        (&format!("{span}opens_from = \"8:00\"\nmust_be_closed_by = \"18:00\"\n"), 4, "\"8:00\" is not a time of day", "\"08:30\""),
        (
            &format!("{span}opens_from = 08:00\nmust_be_open_by = \"07:00\"\nmust_be_closed_by = \"18:00\"\n"),
            5,
            "outside the hours",
            "between",
        ),
        (&format!("{span}opens_from = 08:00\nmust_be_closed_by = 18:00\ndays = \"mo-fr\"\n"), 6, "no set of weekdays", "\"mon-fri\""),
        (
            &format!(
                "{span}opens_from = 08:00\nmust_be_closed_by = 18:00\n[[schedule.span]]\nopens_from = 17:00\nmust_be_closed_by = 19:00\n"
            ),
            6,
            "overlaps another span of its layer (the other is on line 7)",
            "end before the other starts",
        ),
        (
            "[[schedule]]\nareas = { 1 = 1 }\n[[schedule]]\nareas = { 1 = \"1-2\" }\n",
            4,
            "has a schedule already (the other is on line 6)",
            "one schedule only",
        ),
        ("[[schedule]]\nareas = { 1 = 1 }\n[[schedule.alternate]]\nspan = []\n", 3, "does not say its dates", "`on` for a single date"),
        (
            "[[schedule]]\nareas = { 1 = 1 }\n[[schedule.alternate]]\nfrom = 2027-05-01\non = 2027-05-01\n",
            5,
            "says its dates already",
            "and not both",
        ),
        (
            "[[schedule]]\nareas = { 1 = 1 }\nholiday = [{ holidays = \"all\" }]\n[[holiday]]\nname = \"x\"\ndate = \"12-25\"\n[[holiday]]\nname = \"y\"\ndate = \"12-25\"\n",
            9,
            "another holiday has this date already (the other is on line 10)",
            "a date of its own",
        ),
        (
            "[[schedule]]\nareas = { 1 = 1 }\n[[schedule.temporary]]\non = 2027-05-01\n[[schedule.temporary]]\nfrom = 2027-04-01\nto = 2027-05-01\n",
            5,
            "names already (the other is on line 7)",
            "one layer of a kind",
        ),
        (
            "[[schedule]]\nareas = { 1 = 1 }\nholiday = [{ holidays = \"bnak\" }]\n[[holiday]]\nname = \"x\"\ndate = \"12-25\"\ngroup = \"bank\"\n",
            3,
            "is called \"bnak\"",
            "write `bank`",
        ),
        ("[[holiday]]\nname = \"x\"\ndate = \"02-30\"\n", 3, "\"02-30\" is no day of the year", "\"12-25\""),
        ("[[temp_open]]\nareas = { 1 = 1 }\nfrom = 10:00\nuntil = 09:00\n", 4, "not after the start", "until = \"33:00\""),
        ("[[engineer]]\nid = 3\nemail = \"eve\"\n", 3, "not an e-mail address", "registered with"),
        (
            &format!("{engineer}[[engineer]]\nid = 4\nemail = \" EVE@install.example\"\n"),
            4,
            "engineer 3 has the same e-mail address",
            "of its own",
        ),
        (
            &format!("{engineer}[[grant]]\nid = 1\nengineer = \"eva@install.example\"\ncapabilities = \"all\"\n"),
            6,
            "no engineer \"eva@install.example\"",
            "write `eve@install.example`",
        ),
        (
            &format!("{engineer}[[grant]]\nid = 1\nengineer = 3\nsite = 18\ncapabilities = \"all\"\n"),
            7,
            "does not serve site 18",
            "of this file",
        ),
        (&format!("{engineer}[[grant]]\nid = 2147483648\nengineer = 3\ncapabilities = \"all\"\n"), 5, "not a grant id", "the device's own"),
        (
            &format!("{engineer}[[grant]]\nid = 1\nengineer = 3\ncapabilities = [\"read_logs\"]\n"),
            7,
            "no capability is called \"read_logs\"",
            "write `read_log`",
        ),
        ("[[firmware]]\nid = 1\nmodel = \"KH\"\nfirst = \"2.x\"\nlast = \"3\"\n", 4, "\"2.x\" is not a version", "\"2.4.1.7\""),
        ("[[firmware]]\nid = 1\nmodel = \"KH\"\nfirst = \"3\"\nlast = \"2\"\n", 5, "this is before `first`", "a later version"),
        (
            "[[firmware]]\nid = 1\nmodel = \"KH\"\nfirst = \"2\"\nlast = \"3\"\nimage_sha256 = \"ab\"\n",
            6,
            "not a SHA-256",
            "64 hexadecimal digits",
        ),
    ];
    check_complaints(PANEL, PANEL_LINES, &cases);
}

#[test]
fn a_receivers_mistakes_are_told_of_their_line_with_what_to_do() {
    let engineer = "[[site]]\nid = 17\n[[engineer]]\nid = 3\nemail = \"e@f\"\n";
    let cases = [
        ("[[contact]]\nuser = 1\n", 1, "unknown key `contact`", "known here: receiver, site, engineer, grant, firmware"),
        ("[[site]]\nid = 17\n[[site]]\nid = 17\n", 4, "there is a site 17 already", "an id of its own"),
        (&format!("{engineer}[[engineer]]\nid = 3\nemail = \"g@h\"\n"), 6, "there is an engineer 3 already", "an id of its own"),
        (&format!("{engineer}[[engineer]]\nid = 4\nemail = \"E@f\"\n"), 6, "engineer 3 has the same e-mail", "an address of its own"),
        ("[[site]]\nid = 17\nlifted_at = \"2026-11-22 08:00\"\n", 3, "of which zone", "a `zone`"),
        (&format!("{engineer}[[grant]]\nid = 1\nengineer = 3\ncapabilities = \"all\"\n"), 6, "for which site", "add `site = …`"),
        (
            &format!(
                "{engineer}[[grant]]\nid = 1\nengineer = 3\nsite = 17\ncapabilities = \"all\"\nfrom = 2027-01-01T00:00:00Z\nbegin_by = 2026-01-01T00:00:00Z\n"
            ),
            12,
            "before the grant does",
            "after `from`",
        ),
    ];
    check_complaints(RECEIVER, RECEIVER_LINES, &cases);
}

#[test]
fn a_file_that_is_nobodys_policy_says_so() {
    let cases = [
        ("", "no device's policy"),
        ("[[contact]]\nuser = 1\n", "no device's policy"),
        ("[panel]\nsite = 1\n[receiver]\nid = 1\n", "one device's policy"),
        ("[panel\n", "unclosed table"),
        ("[panel]\nsite = 1\nzone = \"Europe/Lodnon\"\nsystems = { 1 = 1 }\n", "no zone of the IANA database is called \"Europe/Lodnon\""),
    ];
    for (text, message) in cases {
        let complaint = judge(text).expect_err(text);
        assert!(complaint.to_string().contains(message), "{text}\n{complaint}");
    }
}

#[test]
fn the_caret_stands_under_what_is_wrong() {
    let complaint = judge(&format!("{PANEL}[[contact]]\nuser = 1 # größer\n\tcode = \"12\"\n")).expect_err("a short code");
    let expected = "policy.toml:7:9: this is not a code\n  |\n7 | \tcode = \"12\"\n  | \t       ^^^^\n  = write 4 to 8 digits in quotes";
    assert_eq!(complaint.to_string(), expected);
}

#[test]
fn a_line_that_is_too_long_to_be_read_is_shortened() {
    let long = "x".repeat(100_000);
    let complaint = judge(&format!("{PANEL}options = [\"{long}\"] # {long}\n")).expect_err("no such option").to_string();
    assert!(complaint.len() < 2000, "{} bytes", complaint.len());
    assert!(complaint.contains("| options = [\"xxx") && complaint.contains("write one of"), "{complaint}");
    let complaint = judge(&format!("{PANEL}lockout = {{ {long} = 1, wrong_codes = 0 }}\n")).expect_err("no such key").to_string();
    assert!(complaint.len() < 2000, "{} bytes", complaint.len());
}

#[test]
fn what_has_no_effect_or_will_not_last_is_warned_about() {
    let holiday = "[[holiday]]\nname = \"Carnival\"\ndate = 2027-02-08\n";
    let warnings = judge(&format!("{PANEL}{holiday}").replace("Europe/London", "Africa/Casablanca")).unwrap();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(judge(&PANEL.replace("Europe/London", "EST")).unwrap(), ["EST has no clock changes"]);
    let limits = "[[contact]]\nuser = 1\nlimit = \"1h\"\nid = \"a@b\"\n[[contact]]\nuser = 2\nlimit = \"once\"\n[[contact]]\nuser = 3\nlimit = \"once\"\n";
    let warnings = judge(&format!("{PANEL}{limits}")).unwrap();
    assert_eq!(warnings, ["user 2 has a `limit` and no `id`: with another spelling of the name its uses begin anew"]);
}

#[test]
fn a_policy_too_large_for_its_device_says_for_which_row_there_is_no_room() {
    let contacts: String = (1..=33).map(|user| format!("[[contact]]\nuser = {user}\n")).collect();
    assert!(judge(&format!("{PANEL}{contacts}")).is_ok());
    let complaint = judge(&format!("{PANEL}size = \"small\"\n{contacts}")).expect_err("33 contacts on a small panel");
    assert_eq!(complaint.message(), "33 contacts, and a small device has room for 32");
    assert_eq!(complaint.line(), Some(PANEL_LINES + 2 + 2 * 32));
}

#[test]
fn holidays_that_the_same_layers_name_are_one_group() {
    let text = format!(
        "{PANEL}[[schedule]]\nareas = {{ 1 = 1 }}\nholiday = [{{ holidays = [\"bank\", \"Fair\"] }}, {{ holidays = \"Eve\", span = [{{ opens_from = 08:00, must_be_closed_by = 12:00 }}] }}]\n\
         [[schedule]]\nareas = {{ 1 = 2 }}\nholiday = [{{ holidays = \"bank\" }}]\n\
         [[holiday]]\nname = \"Christmas\"\ndate = \"12-25\"\ngroup = \"bank\"\n\
         [[holiday]]\nname = \"New Year\"\ndate = \"01-01\"\ngroup = \"bank\"\n\
         [[holiday]]\nname = \"Fair\"\ndate = 2027-05-03\n\
         [[holiday]]\nname = \"Eve\"\ndate = \"12-24\"\n"
    );
    let policy = compile(&PolicyFile::read(&text).unwrap(), &Keys::throw_away().code_key()).unwrap();
    let Rows::Panel(rows) = &policy.rows else { panic!("a panel's") };
    let holidays: Vec<_> = rows.holidays.iter().map(|row| (row.year, row.month, row.day, row.group)).collect();
    assert_eq!(holidays, [(0, 1, 1, 0), (0, 12, 24, 2), (0, 12, 25, 0), (2027, 5, 3, 1)], "in the order of the wire");
    assert_eq!(rows.layers.iter().map(|layer| (layer.schedule, layer.groups)).collect::<Vec<_>>(), [(1, 0b011), (1, 0b100), (2, 0b001)]);
    assert_eq!(judge(&text), Ok(Vec::new()));
}

#[test]
fn rows_survive_the_way_into_a_blob_and_back() {
    for text in [include_str!("../../tests/sites/demo/bookshop.toml"), include_str!("../../tests/sites/demo/station.toml")] {
        let policy = compile(&PolicyFile::read(text).unwrap(), &Keys::throw_away().code_key()).unwrap();
        let bytes = policy.rows.encode().unwrap();
        assert_eq!(Rows::decode(policy.rows.kind(), &bytes), Some(policy.rows.clone()));
        assert_eq!(Rows::decode(policy.rows.kind(), &[bytes, vec![0]].concat()), None, "a byte more");
    }
}

#[test]
fn the_owner_of_a_number_is_known_by_id_or_else_by_name() {
    let identity = |contact: &str| {
        let text = format!("{PANEL}[[contact]]\nuser = 1\n{contact}\n");
        let policy = compile(&PolicyFile::read(&text).unwrap(), &Keys::throw_away().code_key()).unwrap();
        let Rows::Panel(rows) = policy.rows else { panic!("a panel's") };
        rows.contacts.first().unwrap().identity
    };
    assert_eq!(identity("name = \"Alice\""), identity("id = \"Alice\"\nname = \"Alice Smith\""));
    assert_ne!(identity("name = \"Alice\""), identity("name = \"Bob\""));
}
