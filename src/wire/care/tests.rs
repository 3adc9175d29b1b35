use super::*;

const OWN: Risk = Risk::Unknown(Account::User);

fn care(requests: u64, failed: u64) -> Care {
    Care::new(Bounds {
        requests,
        failed,
        rate: 1000,
    })
}

#[test]
fn a_wrong_secret_fails_whatever_is_said_of_it() {
    for (status, failed) in [(400, 1), (500, 1), (302, 1), (401, 1), (200, 0), (503, 0)] {
        let care = care(100, 2);
        care.answered(Risk::Wrong(Account::User), status, None);
        assert_eq!(care.counts().1, failed, "{status}");
    }
    // What is oddly written may be refused for that, before anybody looks whose it is.
    let care = care(100, 2);
    care.answered(OWN, 400, None);
    assert_eq!(care.counts().1, 0);
    let reader = Risk::Wrong(Account::Reader);
    care.answered(reader, 403, None);
    assert_eq!(care.counts().1, 0);
    care.answered(reader, 401, None);
    assert_eq!(care.counts().1, 1);
}

#[test]
fn no_log_in_fails_beyond_the_budget_of_its_account() {
    let care = care(100, 2);
    let mut failed = 0;
    while care.may_begin(OWN, true).is_ok() {
        care.answered(OWN, 401, None);
        failed += 1;
    }
    assert_eq!((failed, care.counts().1), (2, 2));
    assert_eq!(care.may_send(OWN), Err(NO_LOG_INS));
    assert_eq!(care.take_short(), Some(NO_LOG_INS));
    assert_eq!(care.take_short(), None);
    let nobody = Risk::Unknown(Account::Token);
    let mut failed = 0;
    while care.may_send(nobody).is_ok() {
        care.answered(nobody, 401, None);
        failed += 1;
    }
    assert_eq!((failed, care.take_short()), (10, Some(NO_LOG_INS)));
    // Another account has its own. Who was let in before may be locked out by now, and is asked no more either.
    assert_eq!(
        care.may_begin(Risk::Unknown(Account::Second), false),
        Ok(())
    );
    let known = Risk::Known(Account::User);
    assert_eq!(care.may_begin(known, false), Err(NO_LOG_INS));
    assert_eq!(care.may_send(known), Err(NO_LOG_INS));
    assert_eq!(care.halted(), None);
}

#[test]
fn one_is_kept_back_for_the_question_who_is_locked_out() {
    let care = care(100, 2);
    care.keep_for_check([Account::User]);
    assert_eq!(care.may_begin(OWN, true), Ok(()));
    care.answered(OWN, 401, None);
    assert_eq!(care.may_begin(OWN, true), Err(NO_LOG_INS));
    assert_eq!(care.may_send(OWN), Err(NO_LOG_INS));
    let known = Risk::Known(Account::User);
    assert_eq!(care.may_send(known), Ok(()));
    // He is, which is known within the budget.
    assert_eq!(care.answered(known, 401, None), Heed::Leave(LOCKED));
    assert_eq!(care.failed(), [(Account::User, 2)]);
}

#[test]
fn some_is_kept_back_for_running_again() {
    let care = care(100, 6);
    care.answered(OWN, 401, None);
    care.answered(OWN, 401, None);
    assert_eq!(care.may_begin(OWN, false), Ok(()));
    care.answered(OWN, 401, None);
    assert_eq!(care.may_begin(OWN, false), Err(NO_LOG_INS));
    assert_eq!(care.may_begin(OWN, true), Ok(()));
    assert_eq!(care.left_out().log_ins, 1);
}

#[test]
fn a_locked_account_is_left_alone() {
    let known = Risk::Known(Account::User);
    for (before, risk, status, ends) in [
        (1, known, 401, true),
        (0, known, 401, false),
        (1, OWN, 401, false),
        (0, OWN, 423, true),
        (1, OWN, 429, true),
        (1, known, 200, false),
    ] {
        let care = care(9, 9);
        for _ in 0..before {
            care.answered(OWN, 401, None);
        }
        let heed = care.answered(risk, status, None);
        assert_eq!(heed == Heed::Leave(LOCKED), ends, "{risk:?} {status}");
        assert_eq!(care.may_begin(known, false) == Err(LOCKED), ends);
        // Others go on.
        assert_eq!(care.may_begin(Risk::Bare, false), Ok(()));
    }
}

#[test]
fn whoever_asks_to_be_left_alone_is() {
    let bare = |wait| {
        let care = care(9, 9);
        (
            care.answered(Risk::Bare, 429, wait),
            care.halted().is_some(),
        )
    };
    assert_eq!(bare(None), (Heed::Leave(HALTED), true));
    assert_eq!(bare(Some(Duration::from_secs(1))), (Heed::Again, false));
    assert_eq!(
        bare(Some(Duration::from_secs(900))),
        (Heed::Leave(HALTED), true)
    );
    let care = care(9, 9);
    for _ in 0..MOST_WAITS {
        assert_eq!(
            care.answered(Risk::Bare, 503, Some(Duration::ZERO)),
            Heed::Again
        );
    }
    assert_eq!(
        care.answered(Risk::Bare, 503, Some(Duration::ZERO)),
        Heed::Answer
    );
}

#[test]
fn a_time_to_wait_is_read() {
    let of = |value| wait_of(value, 784_111_700).map(|wait| wait.as_secs());
    assert_eq!(of("120"), Some(120));
    assert_eq!(of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(77));
    assert_eq!(of("Sat, 06 Nov 1993 08:49:37 GMT"), Some(0));
    for none in [
        "",
        "-1",
        "soon",
        "Sun, 06 Nov 1994",
        "Sun, 06 Nov 1 08:49:37 GMT",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
}
