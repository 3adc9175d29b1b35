use super::*;

fn endpoint(url: &str) -> Result<String, String> {
    read_endpoint(url).map(|endpoint| endpoint.to_string())
}

#[test]
fn endpoints_are_loopback_http_with_a_path_at_most() {
    assert_eq!(
        endpoint("http://127.0.0.1:9000/s0/").unwrap(),
        "http://127.0.0.1:9000/s0"
    );
    assert_eq!(endpoint("http://[::1]:9/").unwrap(), "http://[::1]:9");
    assert_eq!(
        endpoint("http://localhost/a").unwrap(),
        "http://localhost:80/a"
    );
    for (url, word) in [
        ("nonsense", "is not a URL"),
        ("https://127.0.0.1/", "not supported yet"),
        ("ftp://127.0.0.1/", "is not http but ftp"),
        ("http://192.0.2.1/", "not on a loopback"),
        ("http://example.org/", "not on a loopback"),
        ("http://127.0.0.1.example.org/", "not on a loopback"),
        ("http://a:b@127.0.0.1/", "user information"),
        ("http://127.0.0.1/?x", "say it in `resource`"),
    ] {
        let why = endpoint(url).unwrap_err();
        assert!(why.contains(word), "{url}: {why}");
    }
}

#[test]
fn what_is_asked_for_is_a_path_or_a_query() {
    let below = Endpoint::new("127.0.0.1:1", "/s0");
    for resource in ["/v2/", "?page=1", "/index.php?s=0", ""] {
        assert_eq!(&*read_resource(resource, &below).unwrap(), resource);
    }
    for resource in ["v2", "/a b", "/#x", "//\u{e4}"] {
        assert!(read_resource(resource, &below).is_err(), "{resource}");
    }
    // Behind no path there has to be one.
    let root = Endpoint::new("127.0.0.1:1", "");
    for resource in ["", "?page=1"] {
        assert!(read_resource(resource, &root).is_err(), "{resource}");
    }
    let said = br#"{"generation": 1, "endpoints": [{"slot": 0, "url": "http://127.0.0.1:1/", "resource": "/v2/?a"}]}"#;
    let placements = read_placements(said, 1, 1).unwrap();
    let [Placement::Endpoint(endpoint)] = placements.as_slice() else {
        panic!("{placements:?}");
    };
    assert_eq!(endpoint.resource(), "/v2/?a");
}

#[test]
fn a_tunnel_leads_to_a_host_and_port() {
    let read = |tunnel: &str| {
        let said = format!(
            r#"{{"generation": 1, "endpoints": [{{"slot": 0, "url": "http://127.0.0.1:1/s0", "tunnel": "{tunnel}",
                "ways": {{"http/1.1": "127.0.0.1:1", "tunnel": "127.0.0.1:2"}}}}]}}"#
        );
        read_placements(said.as_bytes(), 1, 1)
    };
    for tunnel in ["s0.localhost:443", "127.0.0.1:80", "[::1]:1"] {
        let placements = read(tunnel).unwrap();
        let [Placement::Endpoint(endpoint)] = placements.as_slice() else {
            panic!("{placements:?}");
        };
        assert_eq!(endpoint.named(Way::Tunnel), Some(tunnel));
        assert_eq!(endpoint.address(Way::Tunnel), Some("127.0.0.1:2"));
    }
    for tunnel in [
        "",
        "s0.localhost",
        "alice@s0.localhost:443",
        "http://s0:1",
        "s0:443/",
        "s0:99999",
    ] {
        let why = read(tunnel).unwrap_err();
        assert!(why.contains("the tunnel of slot 0 is `"), "{tunnel}: {why}");
    }
}

#[test]
fn every_slot_is_placed_exactly_once() {
    let read = |body: &str| read_placements(body.as_bytes(), 7, 2);
    let good = r#"{"generation":7,"endpoints":[{"slot":1,"url":"http://127.0.0.1:1/b"}],
        "unsupported":[{"slot":0,"reason":"no digest"}],"later":"ignored"}"#;
    assert_eq!(
        read(good).unwrap(),
        [
            Placement::Unsupported("no digest".to_owned()),
            Placement::Endpoint(read_endpoint("http://127.0.0.1:1/b").unwrap())
        ]
    );
    let reached = r#"{"generation":7,"unsupported":[{"slot":0,"reason":""}],"endpoints":[{"slot":1,
        "url":"http://127.0.0.1:1/b","ways":{"forward-proxy":"127.0.0.1:3","h2c":"[::1]:2"}}]}"#;
    let Placement::Endpoint(endpoint) = read(reached).unwrap().remove(1) else {
        panic!("it is an endpoint");
    };
    assert_eq!(endpoint.usual(), Way::H2c);
    assert_eq!(endpoint.address(Way::H2c), Some("[::1]:2"));
    assert_eq!(endpoint.address(Way::ForwardProxy), Some("127.0.0.1:3"));
    assert_eq!(endpoint.address(Way::Http1), None);
    for (body, word) in [
        (
            r#"{"generation":7,"endpoints":[{"slot":0,"url":"http://127.0.0.1:1",
                "ways":{"h4":"127.0.0.1:2"}}]}"#,
            "`h4` is none of: http/1.1",
        ),
        (
            r#"{"generation":7,"endpoints":[{"slot":0,"url":"http://127.0.0.1:1",
                "ways":{"h2c":"192.0.2.1:2"}}]}"#,
            "among the ways of slot 0, `192.0.2.1:2` is not",
        ),
        (
            r#"{"generation":7,"endpoints":[{"slot":0,"url":"http://127.0.0.1:1",
                "ways":{"h2c":"127.0.0.1:2/x"}}]}"#,
            "`127.0.0.1:2/x` is not a host and port",
        ),
        ("<html>", "it is not JSON"),
        ("", "it is not JSON"),
        ("[]", "invalid"),
        (r#"{"endpoints":[]}"#, "missing field `generation`"),
        (
            r#"{"generation":6,"endpoints":[]}"#,
            "echoes generation 6, and 7",
        ),
        (r#"{"generation":7}"#, "slot 0 has neither"),
        (
            r#"{"generation":7,"unsupported":[{"slot":0,"reason":""},{"slot":0,"reason":""}]}"#,
            "slot 0 is answered twice",
        ),
        (
            r#"{"generation":7,"unsupported":[{"slot":2,"reason":""}]}"#,
            "it speaks of slot 2, and 2 were sent",
        ),
        (
            r#"{"generation":7,"endpoints":[{"slot":0,"url":"http://192.0.2.1/"}]}"#,
            "the endpoint of slot 0, `http://192.0.2.1/`, is not on a loopback",
        ),
        (
            r#"{"generation":7,"endpoints":[{"slot":-1,"url":""}]}"#,
            "invalid value",
        ),
    ] {
        let why = read(body).unwrap_err();
        assert!(why.contains(word), "{body}: {why}");
    }
}

#[test]
fn an_edit_names_what_was_edited() {
    let flag = |value| Value::record([("advertise_all", Value::Bool(value))]);
    let setting = |value| crate::domain::Setting {
        policy: flag(value),
        instance: Value::record([]),
    };
    let issuer = IssuerPlace {
        issuer: "",
        audience: "",
        jwks_uri: String::new(),
        introspection_endpoint: String::new(),
        metadata: String::new(),
    };
    let body = |edit_of| {
        let installation = Installation {
            upstreams: Vec::new(),
            generation: 8,
            edit_of,
            identities: Vec::new(),
            policies: vec![setting(true), setting(false)],
        };
        let body = write_policies(&installation, &issuer).unwrap();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    };
    let anew = body(None);
    assert!(anew.get("edit_of").is_none() && anew["policies"][0].get("edit").is_none());
    let edited = vec![("policy.advertise_all".to_owned(), Value::Bool(true))];
    let edit = body(Some(super::super::SettingsEdit {
        of: 7,
        slots: vec![edited, Vec::new()],
    }));
    assert_eq!(edit["edit_of"], 7);
    let policies = &edit["policies"];
    assert_eq!(policies[0]["policy"]["advertise_all"], true);
    assert_eq!(
        policies[0]["edit"],
        serde_json::json!({"policy.advertise_all": true})
    );
    assert!(policies[1].get("edit").is_none());
}

#[test]
fn a_gateway_is_told_whom_it_asks() {
    let setting = crate::domain::Setting {
        policy: Value::record([]),
        instance: Value::record([]),
    };
    let places = crate::wire::UpstreamPlaces {
        auth_service: "127.0.0.1:41001".to_owned(),
        backend: "127.0.0.1:41002".to_owned(),
    };
    let installation = Installation {
        upstreams: vec![Some(places), None],
        generation: 8,
        edit_of: None,
        identities: Vec::new(),
        policies: vec![setting.clone(), setting.clone(), setting],
    };
    let issuer = IssuerPlace {
        issuer: "",
        audience: "",
        jwks_uri: String::new(),
        introspection_endpoint: String::new(),
        metadata: String::new(),
    };
    let body = write_policies(&installation, &issuer).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let policies = &body["policies"];
    assert_eq!(policies[0]["auth_service"], "http://127.0.0.1:41001");
    assert_eq!(policies[0]["backend"], "http://127.0.0.1:41002");
    for other in [&policies[1], &policies[2]] {
        assert!(other.get("auth_service").is_none() && other.get("backend").is_none());
    }
}

#[test]
fn an_introduction_is_checked() {
    let read = |body: &str| read_introduction(body.as_bytes());
    let said = read(
        r#"{"protocol":1,"name":"x","version":"2","slots":3,
            "supports":{"policy.profiles":{"max":3},"events":true},
            "tokens":"jwt","edits":true,"alternatives":{"advertised-profile":"first"}}"#,
    )
    .unwrap();
    assert!(said.events && said.edits);
    assert_eq!(said.tokens, TokenKind::Jwt);
    assert_eq!(said.slots, 3);
    assert_eq!(said.alternatives["advertised-profile"], "first");
    assert_eq!(
        said.supports.by_path["policy.profiles"].to_string(),
        "at most 3"
    );
    for (body, word) in [
        (
            r#"{"protocol":2,"name":"x","version":"","slots":1}"#,
            "speaks control protocol 2",
        ),
        (
            r#"{"protocol":1,"name":" ","version":"","slots":1}"#,
            "`name` is empty",
        ),
        (
            r#"{"protocol":1,"name":"x","version":"","slots":0}"#,
            "`slots` is 0",
        ),
        (
            r#"{"protocol":1,"name":"x","slots":1}"#,
            "missing field `version`",
        ),
        (
            r#"{"protocol":1,"name":"x","version":"","slots":1,"supports":{"a":3}}"#,
            "`a`",
        ),
    ] {
        let why = read(body).unwrap_err();
        assert!(why.contains(word), "{body}: {why}");
    }
}

#[test]
fn events_are_of_installed_slots() {
    let one = br#"{"events":[{"slot":1,"name":"LOGIN_SUCCESS","user":"alice"}]}"#;
    assert_eq!(read_events(one, 2).unwrap()[0].name, "LOGIN_SUCCESS");
    let why = read_events(one, 1).unwrap_err();
    assert!(why.contains("slot 1, and 1 are installed"), "{why}");
}
