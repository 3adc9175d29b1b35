use crate::results::Run;

use super::super::escape::is_unseen;
use super::super::sample::{HOSTILE, hostile, run};

fn page(run: &Run) -> String {
    let mut out = Vec::new();
    super::write(run, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_run_is_told() {
    snapbox::assert_data_eq!(page(&run()), snapbox::file!["sample.md"].raw());
}

/// The page without what stands in fences; panics where one is not ended.
fn outside(page: &str) -> Vec<&str> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in page.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(begun) if line == begun => fence = None,
            Some(begun) => assert!(line.trim() != begun),
            None if ticks >= 3 => fence = line.get(..ticks),
            None => lines.push(line),
        }
    }
    assert_eq!(fence, None);
    lines
}

#[test]
fn hostile_text_stays_text() {
    for words in [
        HOSTILE.to_owned(),
        "````\n</details> | <img src=x> | [x](y) ".repeat(25_000),
    ] {
        let text = page(&hostile(&words));
        assert!(!text.contains(is_unseen));
        assert!(text.len() < 1 << 20, "{}", text.len());
        let plain = page(&run());
        let (lines, before) = (outside(&text), outside(&plain));
        let count = |lines: &[&str], wanted: &str| {
            lines.iter().filter(|line| line.contains(wanted)).count()
        };
        for element in ["<details>", "</details>", "<summary>", "</summary>"] {
            assert_eq!(count(&lines, element), count(&before, element), "{element}");
        }
        for none in ["<script", "<img", "](", "@somebody"] {
            assert_eq!(count(&lines, none), 0, "{none}");
        }
        for heading in lines.iter().filter(|line| line.starts_with('#')) {
            assert!(heading.starts_with("## reference"), "{heading}");
        }
        // Each row has as many cells as its table.
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let mut columns = 0;
        for line in lines {
            match line.starts_with('|') {
                true if columns == 0 => columns = cells(line),
                true => assert_eq!(cells(line), columns, "{line}"),
                false => columns = 0,
            }
        }
    }
}

#[test]
fn what_is_too_much_is_told() {
    let mut many = run();
    let pack = &mut many.packs[0];
    let one = pack.findings[1].clone();
    pack.findings.extend((0..4_000).map(|at| {
        let mut finding = one.clone();
        finding.sentence = format!("case {at}");
        finding
    }));
    let defect = many.defects[1].clone();
    many.defects.extend((0..4_000).map(|at| {
        let mut defect = defect.clone();
        (defect.headline.finding, defect.others) = (4 + at, Vec::new());
        defect
    }));
    let text = page(&many);
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert!(text.contains(" more | | | |\n"));
    assert!(text.contains(" more, which the other reports have in full.\n"));
    outside(&text);
}
