//! Section by section: what each value means and when it is wrong.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use engine::signals::SourcePaths;
use notify::SmtpTls;
use recovery::sensitive::Sensitive;
use url::{Host, Url};

use super::chains;
use super::document::{self, Document};
use super::reader::{Found, Key, Reader, number};
use super::webhooks;
use super::{Config, Mail, Platform, Secret, SecretFrom, Server, Vault};

/// Longest name of a platform: it stands in SMS and on small screens.
const NAME_MAX: usize = 12;
/// Years in which a platform can have begun.
const START_YEARS: std::ops::RangeInclusive<u16> = 1990..=2100;
/// Years of silence after which an account may be gone.
const IDLE_YEARS: std::ops::RangeInclusive<u16> = 1..=100;

/// Reads every section, so that everything that is wrong is found, and then puts them together.
pub(super) fn config(reader: &mut Reader<'_>, document: Document) -> Option<Config> {
    let server = server(reader, document.server);
    let database = reader.required_shown(
        Key::new("database.url").or_variable("REGAIN_DATABASE_URL"),
        document.database.url,
        without_password,
        database_url,
    );
    let vault = vault(reader, document.vault);
    let platform = platform(reader, document.platform);
    let mail = mail(reader, document.mail);
    let models = Key::new("models.dir").or_variable("REGAIN_MODELS_DIR");
    let models = reader.optional(models, document.models.dir, path);
    let policy = reader.optional(Key::new("policy.file"), document.policy.file, path);
    let signals = signals(reader, document.signals);
    let breached = Key::new("passwords.breached_list");
    let breached_list = reader.optional(breached, document.passwords.breached_list, path);
    let chains = chains::read(reader, document.chains);
    let metrics = reader.optional(Key::new("metrics.listen"), document.metrics.listen, address);
    let webhooks = webhooks::read(reader, document.webhooks);
    Some(Config {
        server: server?,
        database: database?,
        vault: vault?,
        platform: platform?,
        mail: mail?,
        models: models?,
        policy: policy?,
        signals: signals?,
        breached_list: breached_list?,
        chains: chains?,
        metrics: metrics?,
        webhooks: webhooks?,
        settings: Vec::new(),
        warnings: Vec::new(),
    })
}

fn server(reader: &mut Reader<'_>, keys: document::Server) -> Option<Server> {
    let listen = Key::new("server.listen")
        .or_variable("REGAIN_LISTEN")
        .or("127.0.0.1:8080");
    let listen = reader.required(listen, keys.listen, address);
    let origin = Key::new("server.origin").or_variable("REGAIN_ORIGIN");
    let origin = reader.required(origin, keys.origin, origin_url);
    let proxies = keys.trusted_proxies;
    let trusted_proxies = reader.list("server.trusted_proxies", proxies, |found| {
        IpAddr::from_str(&found.text)
            .map_err(|_| format!("\"{}\" is not an IP address", found.text))
    });
    Some(Server {
        listen: listen?,
        origin: origin?,
        trusted_proxies: trusted_proxies?,
    })
}

fn address(found: &Found) -> Result<SocketAddr, String> {
    SocketAddr::from_str(&found.text)
        .map_err(|_| "use an address and a port, such as 127.0.0.1:8080".to_owned())
}

fn vault(reader: &mut Reader<'_>, keys: document::Vault) -> Option<Vault> {
    let objects = reader.required(Key::new("vault.objects"), keys.objects, path);
    let wrapped = reader.required(Key::new("vault.keys"), keys.keys, path);
    let key = Key::new("vault.master_key_file");
    let variables = ("REGAIN_MASTER_KEY", "REGAIN_MASTER_KEY_FILE");
    let master = reader.secret("the master key", key, variables, keys.master_key_file);
    if master.is_none() {
        reader.missing(key.or_variable("REGAIN_MASTER_KEY"));
    }
    let older = keys.older_master_key_files;
    let older = reader.list("vault.older_master_key_files", older, |found| {
        Ok(Secret {
            what: "an older master key",
            from: SecretFrom::File(found.path()),
        })
    });
    Some(Vault {
        objects: objects?,
        keys: wrapped?,
        master: master?,
        older: older?,
    })
}

fn platform(reader: &mut Reader<'_>, keys: document::Platform) -> Option<Platform> {
    let url = reader.required(Key::new("platform.url"), keys.url, web_url);
    let name = reader.required(Key::new("platform.name"), keys.name, |found| {
        let length = found.text.chars().count();
        let fits = (1..=NAME_MAX).contains(&length);
        fits.then(|| found.text.clone())
            .ok_or_else(|| format!("use 1 to {NAME_MAX} characters: it must fit into an SMS"))
    });
    let domain = reader.required(Key::new("platform.domain"), keys.domain, domain);
    let login_url = reader.required(Key::new("platform.login_url"), keys.login_url, web_url);
    let reset_url = reader.required(Key::new("platform.reset_url"), keys.reset_url, web_url);
    let key_id = reader.required(Key::new("platform.key_id"), keys.key_id, text);
    let key_file = Key::new("platform.key_file");
    let variables = ("REGAIN_PLATFORM_KEY", "REGAIN_PLATFORM_KEY_FILE");
    let what = "the key shared with the platform";
    let key = reader.secret(what, key_file, variables, keys.key_file);
    if key.is_none() {
        reader.missing(key_file.or_variable("REGAIN_PLATFORM_KEY"));
    }
    let other = other_key(reader, keys.other_key_id, keys.other_key_file);
    let start_year = Key::new("platform.start_year").or("2010");
    let start_year = reader.required(start_year, number(keys.start_year), |found| {
        within(found, START_YEARS)
    });
    let idle_years = Key::new("platform.idle_years").or("10");
    let idle_years = reader.required(idle_years, number(keys.idle_years), |found| {
        within(found, IDLE_YEARS)
    });
    let domains = keys.official_domains;
    let official = reader.list("platform.official_domains", domains, self::domain);
    let (domain, mut official_domains) = (domain?, official?);
    if !official_domains.contains(&domain) {
        official_domains.insert(0, domain.clone());
    }
    Some(Platform {
        url: url?,
        name: name?,
        domain,
        login_url: login_url?,
        reset_url: reset_url?,
        key_id: key_id?,
        key: key?,
        other: other?,
        start_year: start_year?,
        idle_years: idle_years?,
        official_domains,
    })
}

fn other_key(
    reader: &mut Reader<'_>,
    id: document::Value,
    file: document::Value,
) -> Option<Option<(String, Secret)>> {
    let id = reader.optional(Key::new("platform.other_key_id"), id, text)?;
    let key = Key::new("platform.other_key_file");
    let variables = (
        "REGAIN_PLATFORM_OTHER_KEY",
        "REGAIN_PLATFORM_OTHER_KEY_FILE",
    );
    let what = "the other key shared with the platform";
    match (id, reader.secret(what, key, variables, file)) {
        (None, None) => Some(None),
        (Some(id), Some(secret)) => Some(Some((id, secret))),
        _ => {
            reader.contradiction("platform.other_key_id and platform.other_key_file go together");
            None
        }
    }
}

fn mail(reader: &mut Reader<'_>, keys: document::Mail) -> Option<Mail> {
    let host = reader.required(Key::new("mail.host"), keys.host, text);
    let tls = reader.required(Key::new("mail.tls").or("tls"), keys.tls, |found| {
        Ok(match found.text.as_str() {
            "tls" => SmtpTls::Tls,
            "starttls" => SmtpTls::StartTls,
            "none" => SmtpTls::None,
            _ => return Err("use \"tls\", \"starttls\" or \"none\"".to_owned()),
        })
    });
    let usual = match tls {
        Some(SmtpTls::StartTls) => "587",
        Some(SmtpTls::None) => "25",
        _ => "465",
    };
    let port = Key::new("mail.port").or(usual);
    let port = reader.required(port, number(keys.port), |found| within(found, 1..=u16::MAX));
    let user = reader.optional(Key::new("mail.user"), keys.user, text);
    let key = Key::new("mail.password_file");
    let variables = ("REGAIN_SMTP_PASSWORD", "REGAIN_SMTP_PASSWORD_FILE");
    let what = "the password for the mail server";
    let password = reader.secret(what, key, variables, keys.password_file);
    let from = reader.required(Key::new("mail.from"), keys.from, |found| {
        notify::EmailAddress::parse(&found.text)
            .map(|_| found.text.clone())
            .map_err(|_| "use an address such as recovery@example.com".to_owned())
    });
    if user
        .as_ref()
        .is_some_and(|user| user.is_some() != password.is_some())
    {
        reader.contradiction("mail.user and mail.password_file go together");
    }
    Some(Mail {
        host: host?,
        port: port?,
        tls: tls?,
        user: user?,
        password,
        from: from?,
    })
}

fn signals(reader: &mut Reader<'_>, keys: document::Signals) -> Option<SourcePaths> {
    let city = reader.optional(Key::new("signals.city_db"), keys.city_db, path);
    let key = Key::new("signals.anonymous_db");
    let anonymous = reader.optional(key, keys.anonymous_db, path);
    let key = Key::new("signals.disposable_list");
    let disposable = reader.optional(key, keys.disposable_list, path);
    let key = Key::new("signals.young_domains_list");
    let young = reader.optional(key, keys.young_domains_list, path);
    Some(SourcePaths {
        city_db: city?,
        anonymous_db: anonymous?,
        disposable_list: disposable?,
        young_domains_list: young?,
    })
}

pub(super) fn text(found: &Found) -> Result<String, String> {
    let text = found.text.trim();
    (!text.is_empty())
        .then(|| text.to_owned())
        .ok_or_else(|| "must not be empty".to_owned())
}

fn path(found: &Found) -> Result<PathBuf, String> {
    text(found).map(|_| found.path())
}

fn within(found: &Found, range: std::ops::RangeInclusive<u16>) -> Result<u16, String> {
    let value = found.text.parse().ok();
    value
        .filter(|value| range.contains(value))
        .ok_or_else(|| format!("use a number from {} to {}", range.start(), range.end()))
}

fn domain(found: &Found) -> Result<String, String> {
    let text = &found.text;
    let bare = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || ".-:".contains(c));
    bare.then(|| text.clone())
        .ok_or_else(|| format!("\"{text}\" is not a domain such as exchange.example"))
}

/// An SQLite file relative to the configuration becomes an absolute one.
fn database_url(found: &Found) -> Result<Sensitive<String>, String> {
    let text = &found.text;
    if let Some(file) = text.strip_prefix("sqlite:") {
        let file = file.strip_prefix("//").unwrap_or(file);
        let (file, query) = file.split_once('?').unwrap_or((file, ""));
        if file.is_empty() || file.contains(":memory:") {
            return Err("name a file, such as sqlite:regain.db".to_owned());
        }
        let file = found.path_of(file);
        let mark = if query.is_empty() { "" } else { "?" };
        return Ok(format!("sqlite:{}{mark}{query}", file.display()).into());
    }
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Ok(text.clone().into());
    }
    Err("use sqlite:<file> or postgres://<user>@<host>/<database>".to_owned())
}

/// A database address as it may be shown.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return "[not an address]".to_owned();
    };
    if url.password().is_some() {
        // Only addresses without a host cannot have one, and those have no password.
        let _ = url.set_password(Some("redacted"));
    }
    if url.query().is_some() && !text.starts_with("sqlite:") {
        url.set_query(Some("redacted"));
    }
    url.to_string()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// https, or http on this machine.
pub(super) fn web_url(found: &Found) -> Result<Url, String> {
    let url = Url::parse(&found.text)
        .map_err(|_| "use an address such as https://exchange.example/login".to_owned())?;
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err("must not hold a user or password".to_owned())
        }
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err("plain http is only for this machine (localhost, 127.0.0.1); use https".to_owned())
        }
        _ => Err("must begin with https://".to_owned()),
    }
}

fn origin_url(found: &Found) -> Result<Url, String> {
    let url = web_url(found)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    bare.then_some(url)
        .ok_or_else(|| "use scheme and host only, such as https://recover.example.com".to_owned())
}
