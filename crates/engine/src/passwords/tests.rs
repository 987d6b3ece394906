use std::fs::File;

use sha1::{Digest as _, Sha1};

use super::{BreachedError, BreachedList, holds, is_easy};

#[test]
fn what_thieves_try_first_is_easy() {
    let known = ["Exemplar", "anna.smith", "anna", "smith"];
    for password in [
        "passwordpassword1",
        "qwertyuiop12345",
        "Password123456789",
        "Passw0rdPassw0rd!",
        "aaaaaaaaaaaaaaa",
        "123456789012345",
        "qwertyuiopasdfg",
        "qazwsxedcrfvtgb",
        "1q2w3e4r5t6y7u8i",
        "letmeinletmeinletmein",
        "trustno1 trustno1 trustno1",
        "football-baseball",
        "thisismypassword",
        "12/05/1990 12/05/1990",
        "пароль пароль пароль",
        "anna.smith2024!!",
        "Exemplar12345678",
        "- - - - - - - - - -",
    ] {
        assert!(is_easy(password, &known), "{password}");
    }
}

#[test]
fn random_words_and_characters_are_not() {
    let known = ["Exemplar", "anna.smith", "anna", "smith"];
    for password in [
        "violet tram over the seventh bridge",
        "correct-horse-battery-staple",
        "plum violin seventeen otter",
        "abandon advance acquire admit",
        "k3xQ9vTz7mWp2Lr",
        "f8#Kd0!zQp4$nV2",
        "fditwjjwbmfdoak",
        "271712650834747",
        "зелёный чайник на плите",
        &"wtrwteeyeuuqepiupiyytwuwtutoiuit".repeat(8),
    ] {
        assert!(!is_easy(password, &known), "{password}");
    }
}

#[test]
fn a_word_is_held_whatever_stands_between() {
    assert!(holds("my Anna Smith 2024 rocks", "anna.smith"));
    assert!(holds("rg7k2m9qx4 is my code", "RG-7K2M-9QX4"));
    assert!(!holds("planning a savannah tour", "ann"), "too short");
    assert!(!holds("violet tram", "anna.smith"));
}

/// A list of these passwords, by hash; its lines end as this says.
fn list_of(folder: &tempfile::TempDir, passwords: &[String], end: &str) -> std::path::PathBuf {
    let digest = |password: &String| {
        let hash: [u8; 20] = Sha1::digest(password.as_bytes()).into();
        data_encoding::HEXUPPER.encode(&hash)
    };
    let mut hashes: Vec<String> = passwords.iter().map(digest).collect();
    hashes.sort();
    let lines = (1_u64..).zip(&hashes);
    let lines: Vec<String> = lines
        .map(|(place, hash)| format!("{hash}:{}", place * place))
        .collect();
    let path = folder.path().join("breached.txt");
    std::fs::write(&path, lines.join(end) + end).unwrap();
    path
}

#[test]
fn every_password_of_a_list_is_found_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    for length in [1, 2, 3, 7, 100, 1000] {
        for end in ["\n", "\r\n"] {
            let listed: Vec<String> = (0..length).map(|n| format!("leaked {n}")).collect();
            let path = list_of(&folder, &listed, end);
            let list = BreachedList::open(&path).unwrap();
            for password in &listed {
                assert!(list.holds(password).unwrap(), "{password} of {length}");
            }
            for other in 0..100 {
                assert!(!list.holds(&format!("mine {other}")).unwrap());
            }
            // Without the end of the last line it is the same list.
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.trim_end()).unwrap();
            assert!(listed.iter().all(|one| list.holds(one).unwrap()));
        }
    }
}

#[test]
fn a_list_that_is_none_is_refused_and_never_says_no() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breached.txt");
    let opened = || BreachedList::open(&path).map(|_| ()).unwrap_err();
    assert!(matches!(opened(), BreachedError::Unreadable(_)));
    File::create(&path).unwrap();
    assert!(matches!(opened(), BreachedError::Empty));
    std::fs::write(&path, "password\n123456\n").unwrap();
    assert!(matches!(opened(), BreachedError::Line(0)));
    std::fs::write(&path, "x".repeat(10_000)).unwrap();
    assert!(matches!(opened(), BreachedError::Line(_)));

    let listed: Vec<String> = (0..500).map(|n| format!("leaked {n}")).collect();
    let path = list_of(&folder, &listed, "\r\n");
    let list = BreachedList::open(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut backwards: Vec<&str> = text.lines().collect();
    backwards.reverse();
    std::fs::write(&path, backwards.join("\r\n")).unwrap();
    assert!(matches!(opened(), BreachedError::Order(_)));
    let mute = listed.iter().filter(|one| list.holds(one).is_err()).count();
    assert!(mute > 0, "the search notices as well");
    std::fs::remove_file(&path).unwrap();
    assert!(list.holds("leaked 1").is_err());
}
