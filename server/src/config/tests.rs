//! What a configuration file may say, and how it is refused.

use super::*;

fn filled() -> String {
    TEMPLATE
        .replace("%ORIGIN%", "\"log.example.org\"")
        .replace("%JURISDICTION%", "\"HK\"")
        .replace("%PUBLIC_URL%", "\"https://log.example.org\"")
        .replace("%LISTEN%", "\"127.0.0.1:8080\"")
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/s/station.toml"))
}

#[test]
fn the_written_file_states_the_defaults() {
    let config = parse(&filled()).unwrap();
    assert_eq!(config.enclave.runners, EnclaveConfig::default().runners);
    assert_eq!(config.log, LogConfig::default());
    assert_eq!(config.limits, LimitsConfig::default());
    assert_eq!(config.retry, RetryConfig::default());
    assert_eq!(config.data, Path::new("/s/data"));
    assert_eq!(config.token_file, Path::new("/s/keys/tokens"));
}

#[test]
fn every_known_key_is_explained_in_the_written_file() {
    let short = "origin = \"a.b\"\njurisdiction = \"HK\"\npublic_url = \"http://a.b\"\nlisten = \"127.0.0.1:0\"\n";
    assert_eq!(parse(short).unwrap().enclave.program, None);
    for key in [
        "runners",
        "runs_at_once",
        "batch_ms",
        "upload_bytes_max",
        "seal_bytes_max",
        "run_seconds_max",
        "keeper_seconds_max",
        "delays_s",
        "# program",
    ] {
        assert!(TEMPLATE.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
    let text = filled().replace("upload_bytes_max", "upload_byte_max");
    let line = text
        .lines()
        .position(|line| line.starts_with("upload_byte_max"))
        .unwrap()
        + 1;
    assert_eq!(
        parse(&text).unwrap_err().to_string(),
        format!(
            "/s/station.toml:{line}: unknown key \"limits.upload_byte_max\"; \
             the nearest known key is \"limits.upload_bytes_max\""
        )
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_its_line() {
    let text = filled().replace("runners = 2", "runners = \"two\"");
    let refusal = parse(&text).unwrap_err();
    assert!(
        matches!(refusal, ConfigError::Syntax { line, .. } if text.lines().nth(line - 1).unwrap().starts_with("runners"))
    );
}

#[test]
fn an_origin_with_a_scheme_is_refused() {
    let text = filled().replace("origin = \"log.", "origin = \"https://log.");
    assert_eq!(
        parse(&text).unwrap_err().to_string(),
        format!("/s/station.toml: origin {ORIGIN_RULE}")
    );
}

#[test]
fn a_limit_beyond_what_the_wire_carries_is_refused() {
    let text = filled().replace("upload_bytes_max = 33554432", "upload_bytes_max = 67108865");
    assert_eq!(
        parse(&text).unwrap_err().to_string(),
        "/s/station.toml: limits.upload_bytes_max must be from 1 to 67108864"
    );
}
