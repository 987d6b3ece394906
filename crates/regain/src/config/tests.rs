#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;

use recovery::case::News;
use recovery::clues::address::Chain;

use super::*;

const EXAMPLE: &str = include_str!("../../regain.example.toml");
const REFERENCE: &str = include_str!("../../../../docs/reference/configuration.md");

fn vars(pairs: &[(&str, &str)]) -> Vars {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Vars::from_pairs(pairs.iter().map(owned))
}

fn parse(text: &str, pairs: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::parse(text, "regain.toml", Path::new("/etc/regain"), &vars(pairs))
}

/// The example with one line in place of another.
fn with(line: &str, instead: &str) -> String {
    assert!(EXAMPLE.contains(line), "the example has no line {line}");
    EXAMPLE.replacen(line, instead, 1)
}

fn problems(text: &str) -> Vec<String> {
    parse(text, &[]).unwrap_err().0
}

#[test]
fn the_example_parses() {
    let config = parse(EXAMPLE, &[]).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        config.server.origin.as_str(),
        "https://recover.exchange.example/"
    );
    assert_eq!(
        config.database.reveal(),
        "sqlite:/etc/regain/data/regain.db"
    );
    assert_eq!(config.vault.keys, Path::new("/etc/regain/keys"));
    assert_eq!(config.platform.official_domains.len(), 2);
    assert_eq!(config.mail.port, 465);
    assert!(config.models.is_none() && config.policy.is_none());
    assert!(config.warnings.is_empty());
}

#[test]
fn files_of_signals_lie_beside_the_configuration() {
    let named = EXAMPLE.replace("# city_db =", "city_db =");
    let signals = parse(&named, &[]).unwrap().signals;
    assert_eq!(
        signals.city_db.as_deref(),
        Some(Path::new("/etc/regain/city.mmdb"))
    );
    assert!(signals.anonymous_db.is_none() && signals.disposable_list.is_none());
}

#[test]
fn a_list_of_leaked_passwords_lies_beside_the_configuration() {
    let named = EXAMPLE.replace("# breached_list =", "breached_list =");
    assert_ne!(named, EXAMPLE);
    let list = parse(&named, &[]).unwrap().breached_list;
    assert_eq!(
        list.as_deref(),
        Some(Path::new("/etc/regain/pwned-sha1.txt"))
    );
    assert!(parse(EXAMPLE, &[]).unwrap().breached_list.is_none());
}

#[test]
fn explorers_are_https_with_one_place_for_the_address() {
    let with = |value: &str| EXAMPLE.replace("[chains]\n", &format!("[chains]\n{value}\n"));
    let good = [
        "https://explorer.example/address/{address}",
        "https://explorer.example/?q={address}&lang=en",
        "https://explorer.example/#/a/{address}",
    ];
    for template in good {
        let chains = parse(&with(&format!("tron_explorer = \"{template}\"")), &[]).unwrap();
        let expected = Explorers::default().with(Chain::Tron, template.to_owned());
        assert_eq!(chains.chains.explorers, expected);
    }
    let example = parse(EXAMPLE, &[]).unwrap().chains;
    assert_eq!(example.explorers, Explorers::default());
    let place = "use an address with {address} in it once, such as \
                 https://explorer.example/address/{address}";
    for (bad, words) in [
        ("https://explorer.example/address/", place),
        ("https://explorer.example/{address}/{address}", place),
        ("https://{address}.explorer.example/", place),
        ("https://{address}/", place),
        ("{address}", place),
        ("http://localhost/{address}", "must begin with https://"),
        ("javascript:{address}", "must begin with https://"),
        (
            "https://{address}@explorer.example/",
            "must not hold a user or password",
        ),
    ] {
        let text = with(&format!("evm_explorer = \"{bad}\""));
        let line = text.lines().position(|l| l.starts_with("evm")).unwrap() + 1;
        assert_eq!(
            problems(&text),
            [format!(
                "regain.toml:{line}:16: chains.evm_explorer: {words}"
            )]
        );
    }
}

#[test]
fn nodes_are_https_or_on_this_machine_and_their_keys_are_not_shown() {
    let with = |value: &str| EXAMPLE.replace("[chains]\n", &format!("[chains]\n{value}\n"));
    let text = with(
        "esplora_url = \"http://127.0.0.1:3000/api/hunter22\"\n\
         evm_rpc_url = \"https://node.example/v3/hunter22?key=hunter22\"",
    );
    let config = parse(&text, &[]).unwrap();
    let esplora = config.chains.esplora.as_ref().unwrap().reveal();
    assert_eq!(esplora.as_str(), "http://127.0.0.1:3000/api/hunter22");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter22"), "{shown}");
    let of = |key: &str| {
        let found = config.settings.iter().find(|one| one.key == key).unwrap();
        found.value.clone()
    };
    assert_eq!(of("chains.evm_rpc_url"), "https://node.example/[redacted]");
    let none = parse(EXAMPLE, &[]).unwrap().chains;
    assert!(none.esplora.is_none() && none.evm_rpc.is_none());
    for (bad, words) in [
        (
            "http://node.example",
            "plain http is only for this machine (localhost, 127.0.0.1); use https",
        ),
        (
            "https://user:password@node.example",
            "must not hold a user or password",
        ),
        ("file:///etc/passwd", "must begin with https://"),
    ] {
        let text = with(&format!("esplora_url = \"{bad}\""));
        let line = text.lines().position(|l| l.starts_with("esplora")).unwrap() + 1;
        assert_eq!(
            problems(&text),
            [format!(
                "regain.toml:{line}:15: chains.esplora_url: {words}"
            )]
        );
    }
}

#[test]
fn every_key_and_variable_is_in_the_reference() {
    for setting in parse(EXAMPLE, &[]).unwrap().settings {
        let (section, key) = setting.key.split_once('.').unwrap();
        let (_, rest) = REFERENCE
            .split_once(&format!("## [{section}]"))
            .unwrap_or_else(|| panic!("no section [{section}]"));
        let rest = rest.split("\n## ").next().unwrap();
        assert!(rest.contains(&format!("| `{key}` |")), "{}", setting.key);
    }
    for name in vars::KNOWN {
        assert!(REFERENCE.contains(&format!("`{name}`")), "{name}");
    }
}

/// The example with its webhook in force, and a line of it in place of another.
fn with_webhook(line: &str, instead: &str) -> String {
    let (before, block) = EXAMPLE.split_once("# [[webhooks]]").unwrap();
    let block = block.replace("\n# ", "\n");
    assert!(block.contains(line), "the example has no line {line}");
    format!("{before}[[webhooks]]{}", block.replacen(line, instead, 1))
}

#[test]
fn a_webhook_is_read_and_its_path_is_not_shown() {
    let text = with_webhook("/hooks/regain", "/hooks/hunter22");
    let config = parse(&text, &[]).unwrap();
    let [webhook] = &config.webhooks[..] else {
        panic!("{:?}", config.webhooks);
    };
    assert_eq!(webhook.name, "books");
    assert_eq!(webhook.events, [News::Opened, News::Recovered]);
    assert_eq!(webhook.secrets.len(), 1);
    let place = webhook.secrets[0].place();
    assert_eq!(place, "/etc/regain/secrets/books.secret");
    assert_eq!(webhook.allow_networks.len(), 1);
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter22"), "{shown}");
    let (_, section) = REFERENCE.split_once("## [[webhooks]]").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let keys = config.settings.iter().map(|setting| setting.key);
    let keys: Vec<&str> = keys
        .filter_map(|key| key.strip_prefix("webhooks."))
        .collect();
    assert_eq!(keys.len(), 5);
    for key in keys {
        assert!(section.contains(&format!("| `{key}` |")), "{key}");
    }
    assert!(parse(EXAMPLE, &[]).unwrap().webhooks.is_empty());
}

#[test]
fn what_is_wrong_with_a_webhook_is_said_with_its_place() {
    let url = "url = \"https://books.exchange.example/hooks/regain\"";
    let cases = [
        (
            "name = \"books\"",
            "name = \"Books\"",
            "name: use 1 to 32 lower-case letters, digits and dashes, such as books",
        ),
        (
            url,
            "url = \"http://books.exchange.example/\"\nallow_networks = []",
            "url: plain http is only for networks in allow_networks; use https",
        ),
        (
            url,
            "url = \"https://169.254.169.254/\"",
            "url: is not a public address; allow_networks could name its network",
        ),
        (
            url,
            "url = \"https://user@books.exchange.example/\"",
            "url: must be an https address without user, password and fragment",
        ),
        (
            "[\"case.opened\", \"case.recovered\"]",
            "[\"case.opend\"]",
            "events: unknown event \"case.opend\"; did you mean \"case.opened\"?",
        ),
        (
            "[\"10.20.0.0/16\"]",
            "[\"10.20.0.1/16\"]",
            "allow_networks: \"10.20.0.1/16\": the address has bits behind its length; write the \
             first address of the network",
        ),
    ];
    for (line, instead, words) in cases {
        let mut text = with_webhook(line, instead);
        if instead.ends_with("[]") {
            // A key stands once.
            text = text.replace("allow_networks = [\"10.20.0.0/16\"]", "");
        }
        let [problem] = problems(&text).try_into().unwrap();
        let (place, said) = problem.split_once(": webhooks.").unwrap();
        assert!(place.starts_with("regain.toml:"), "{problem}");
        assert_eq!(said, words);
    }
    let none = with_webhook("secret_files = [\"secrets/books.secret\"]", "");
    let missing = "regain.toml: webhooks.secret_files is missing";
    assert_eq!(problems(&none), [missing]);
    let one = with_webhook("name", "name");
    let (_, block) = one.split_once("[[webhooks]]").unwrap();
    let twice = format!("{one}\n[[webhooks]]{block}");
    let same = "regain.toml: two [[webhooks]] have the name \"books\"";
    assert_eq!(problems(&twice), [same]);
    let many = format!("{one}\n{}", "[[webhooks]]\n".repeat(16));
    assert_eq!(
        problems(&many),
        ["regain.toml: use at most 16 [[webhooks]]"]
    );
}

#[test]
fn an_unknown_key_is_an_error_with_its_place_and_the_nearest_known_one() {
    assert_eq!(
        problems("[server]\nlsten = \"127.0.0.1:1\"\n"),
        ["regain.toml:2:1: unknown key \"lsten\"; did you mean \"listen\"?"]
    );
    assert_eq!(
        problems("[server]\nbanana = 1\n"),
        ["regain.toml:2:1: unknown key \"banana\"; known here: listen, origin, trusted_proxies"]
    );
    assert_eq!(
        problems("[sever]\n"),
        ["regain.toml:1:2: unknown key \"sever\"; did you mean \"server\"?"]
    );
}

#[test]
fn a_wrong_type_and_broken_toml_say_where() {
    let port = with("port = 465 ", "port = \"465\" ");
    let [problem] = problems(&port).try_into().unwrap();
    let line = port.lines().position(|l| l.starts_with("port")).unwrap() + 1;
    assert_eq!(
        problem,
        format!("regain.toml:{line}:8: invalid type: string \"465\", expected u16")
    );
    let [problem] = problems("[server\n").try_into().unwrap();
    assert!(problem.starts_with("regain.toml:1:8: "), "{problem}");
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let missing = problems("");
    for expected in [
        "regain.toml: server.origin is missing (or set REGAIN_ORIGIN)",
        "regain.toml: database.url is missing (or set REGAIN_DATABASE_URL)",
        "regain.toml: vault.master_key_file is missing (or set REGAIN_MASTER_KEY)",
        "regain.toml: platform.key_file is missing (or set REGAIN_PLATFORM_KEY)",
        "regain.toml: mail.host is missing",
    ] {
        assert!(missing.iter().any(|one| one == expected), "{missing:#?}");
    }
    assert_eq!(missing.len(), 14, "{missing:#?}");
}

#[test]
fn plain_http_is_only_for_this_machine() {
    let origin = "origin = \"https://recover.exchange.example\"";
    for local in [
        "http://localhost:8080",
        "http://127.0.0.1:1",
        "http://[::1]:1",
    ] {
        let text = with(origin, &format!("origin = \"{local}\""));
        assert!(parse(&text, &[]).is_ok(), "{local}");
    }
    for (bad, words) in [
        (
            "http://recover.example",
            "plain http is only for this machine (localhost, 127.0.0.1); use https",
        ),
        ("ftp://recover.example", "must begin with https://"),
        (
            "https://recover.example/path",
            "use scheme and host only, such as https://recover.example.com",
        ),
        (
            "https://user@recover.example",
            "must not hold a user or password",
        ),
    ] {
        let text = with(origin, &format!("origin = \"{bad}\""));
        let line = text.lines().position(|l| l.starts_with("origin")).unwrap() + 1;
        assert_eq!(
            problems(&text),
            [format!("regain.toml:{line}:10: server.origin: {words}")]
        );
    }
}

#[test]
fn the_environment_goes_before_the_file_and_says_so() {
    let pairs = [
        (
            "REGAIN_DATABASE_URL",
            "postgres://regain:hunter22@db/regain",
        ),
        ("REGAIN_MODELS_DIR", "models"),
        ("REGAIN_MASTER_KEY", "AGE-SECRET-KEY-1TESTTESTTEST"),
        ("REGAIN_SMTP_PASSWORD_FILE", "/run/smtp"),
        ("REGAIN_MASTERKEY", "x"),
        ("REGAIN_SHARED", "elsewhere"),
    ];
    let config = parse(EXAMPLE, &pairs).unwrap();
    assert_eq!(config.models.as_deref(), Some(Path::new("models")));
    let of = |key: &str| {
        let found = config.settings.iter().find(|one| one.key == key).unwrap();
        (found.value.clone(), found.source.to_string())
    };
    assert_eq!(
        of("database.url"),
        (
            "postgres://regain:redacted@db/regain".to_owned(),
            "REGAIN_DATABASE_URL".to_owned()
        )
    );
    assert_eq!(of("mail.password_file").0, "/run/smtp");
    assert_eq!(of("vault.master_key_file").0, "[redacted]");
    assert_eq!(of("server.listen").1, "file");
    assert_eq!(
        config.warnings,
        [
            "the environment has REGAIN_MASTERKEY, which means nothing here; \
          did you mean REGAIN_MASTER_KEY?"
        ]
    );
    let everything = format!("{config:?}");
    assert!(!everything.contains("hunter22"), "{everything}");
    assert!(!everything.contains("TESTTEST"), "{everything}");
}

#[test]
fn values_that_go_together_are_asked_for_together() {
    let text = with("user = \"regain\"\n", "");
    assert_eq!(
        problems(&text),
        ["regain.toml: mail.user and mail.password_file go together"]
    );
    let text = with("# other_key_id", "other_key_id");
    assert_eq!(
        problems(&text),
        ["regain.toml: platform.other_key_id and platform.other_key_file go together"]
    );
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    std::fs::write(&path, "something long enough\n").unwrap();
    let secret = Secret {
        what: "the master key",
        from: SecretFrom::File(path.clone()),
    };
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(
            format!("{:#}", secret.read().unwrap_err()),
            format!(
                "the master key: {0} can be read or written by others (mode {mode:04o}); \
                 run: chmod 600 {0}",
                path.display()
            )
        );
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(secret.read().unwrap().reveal(), "something long enough");
    std::fs::write(&path, "change-me-before-use\n").unwrap();
    let error = secret.read().unwrap_err().to_string();
    assert!(
        error.ends_with("holds a placeholder, not a secret"),
        "{error}"
    );
}
