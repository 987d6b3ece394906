//! Sealing: what goes in comes out, and nothing else opens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(missing_docs, unreachable_pub, dead_code)]

mod common;

use common::{Disk, case, files, name, noise};
use recovery::id::ContentDigest;
use vault::{Location, MAX_SEALED_BYTES, MasterKey, MasterProblem, Vault, VaultConfig, VaultError};

async fn in_memory() -> Vault {
    Vault::open(VaultConfig {
        objects: Location::memory(),
        keys: Location::memory(),
        masters: vec![MasterKey::generate()],
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn objects_and_records_come_back_as_they_were() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    // Around the sizes where age's chunks and our threads begin.
    for length in [0, 1, 65_000, 65_535, 65_536, 65_537, 131_072, 700_000] {
        let content = noise(length as u64, length);
        let digest = vault
            .put_object(&case(1), &name("ev_1"), &content)
            .await
            .unwrap();
        assert_eq!(digest, ContentDigest::of(&content));
        assert_eq!(
            *vault.get_object(&case(1), &name("ev_1")).await.unwrap(),
            content
        );
        let record = vault
            .seal_record(&case(1), "contact", &content)
            .await
            .unwrap();
        assert_eq!(
            *vault
                .open_record(&case(1), "contact", &record)
                .await
                .unwrap(),
            content
        );
    }
}

#[tokio::test]
async fn objects_are_listed_replaced_and_deleted() {
    let vault = in_memory().await;
    for number in [1, 2] {
        vault.create_case_key(&case(number)).await.unwrap();
        for part in ["up_1/000000000000", "up_1/000000524288", "up_1", "ev_1"] {
            vault
                .put_object(&case(number), &name(part), b"first")
                .await
                .unwrap();
        }
    }
    vault
        .put_object(&case(1), &name("ev_1"), b"second")
        .await
        .unwrap();
    assert_eq!(
        **vault.get_object(&case(1), &name("ev_1")).await.unwrap(),
        *b"second"
    );
    vault.delete_object(&case(1), &name("up_1")).await.unwrap();
    vault.delete_object(&case(1), &name("up_1")).await.unwrap();
    let found = vault.get_object(&case(1), &name("up_1")).await;
    assert!(matches!(found, Err(VaultError::Missing)));
    let left = vault.object_names(&case(1)).await.unwrap();
    assert_eq!(
        left,
        ["ev_1", "up_1/000000000000", "up_1/000000524288"].map(name)
    );
    assert_eq!(vault.delete_objects(&case(1)).await.unwrap(), 3);
    assert_eq!(vault.delete_objects(&case(1)).await.unwrap(), 0);
    assert!(vault.object_names(&case(1)).await.unwrap().is_empty());
    assert_eq!(vault.object_names(&case(2)).await.unwrap().len(), 4);
}

#[tokio::test]
async fn deleting_on_disk_leaves_no_file_and_no_folder() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    vault
        .put_object(&case(1), &name("up_1/0"), b"x")
        .await
        .unwrap();
    vault
        .put_object(&case(1), &name("ev_1"), b"x")
        .await
        .unwrap();
    assert_eq!(vault.delete_objects(&case(1)).await.unwrap(), 2);
    assert!(std::fs::read_dir(disk.objects()).unwrap().next().is_none());
}

#[tokio::test]
async fn a_single_flipped_bit_anywhere_is_noticed() {
    let vault = in_memory().await;
    vault.create_case_key(&case(1)).await.unwrap();
    let sealed = vault
        .seal_record(&case(1), "clues", b"London, spring 2019")
        .await
        .unwrap();
    for place in 0..sealed.len() {
        for bit in 0..8 {
            let mut bent = sealed.clone();
            bent[place] ^= 1 << bit;
            let opened = vault.open_record(&case(1), "clues", &bent).await;
            assert!(
                matches!(opened, Err(VaultError::Damaged)),
                "byte {place}, bit {bit}"
            );
        }
    }
}

#[tokio::test]
async fn cutting_lengthening_and_reordering_are_noticed() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let file = disk.object_file(&case(1), &name("ev_1"));
    vault
        .put_object(&case(1), &name("ev_1"), &noise(1, 300_000))
        .await
        .unwrap();
    let sealed = std::fs::read(&file).unwrap();
    let chunk = 65_536 + 16;
    let start = sealed.len() - (sealed.len() - 200) / chunk * chunk - 1;
    let mut swapped = sealed.clone();
    let (one, two) = swapped[start..].split_at_mut(chunk);
    one[..chunk].swap_with_slice(&mut two[..chunk]);
    let mut flipped_late = sealed.clone();
    *flipped_late.last_mut().unwrap() ^= 0x80;
    let bent = [
        Vec::new(),
        sealed[..sealed.len() - 1].to_vec(),
        sealed[..sealed.len() - chunk].to_vec(),
        sealed[..100].to_vec(),
        [sealed.clone(), vec![0]].concat(),
        [sealed.clone(), sealed.clone()].concat(),
        swapped,
        flipped_late,
    ];
    for (number, bytes) in bent.iter().enumerate() {
        std::fs::write(&file, bytes).unwrap();
        let opened = vault.get_object(&case(1), &name("ev_1")).await;
        assert!(
            matches!(opened, Err(VaultError::Damaged)),
            "variant {number}"
        );
    }
    std::fs::write(&file, &sealed).unwrap();
    assert!(vault.get_object(&case(1), &name("ev_1")).await.is_ok());
}

#[tokio::test]
async fn nothing_opens_under_another_name_case_or_kind() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    for number in [1, 2] {
        vault.create_case_key(&case(number)).await.unwrap();
        vault
            .put_object(&case(number), &name("ev_1"), b"one")
            .await
            .unwrap();
        vault
            .put_object(&case(number), &name("ev_1.x"), b"two")
            .await
            .unwrap();
    }
    let record = vault
        .seal_record(&case(1), "ev_1", b"record")
        .await
        .unwrap();
    for (number, other) in [(1, "ev_1.x"), (1, "ev_2"), (2, "ev_1")] {
        let opened = vault.open_record(&case(number), other, &record).await;
        assert!(matches!(opened, Err(VaultError::Damaged)));
    }
    // Another name, another case, and a record in an object's place.
    let place = |number, text| disk.object_file(&case(number), &name(text));
    let original = std::fs::read(place(1, "ev_1")).unwrap();
    std::fs::copy(place(1, "ev_1.x"), place(1, "ev_1")).unwrap();
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::Damaged)
    ));
    std::fs::copy(place(2, "ev_1"), place(1, "ev_1")).unwrap();
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::Damaged)
    ));
    std::fs::write(place(1, "ev_1"), &record).unwrap();
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::Damaged)
    ));
    let opened = vault.open_record(&case(1), "ev_1", &original).await;
    assert!(matches!(opened, Err(VaultError::Damaged)));
}

#[tokio::test]
async fn without_a_key_nothing_is_sealed_or_opened() {
    let vault = in_memory().await;
    let sealed = vault.seal_record(&case(1), "contact", b"x").await;
    assert!(matches!(sealed, Err(VaultError::NoKey)));
    let stored = vault.put_object(&case(1), &name("ev_1"), b"x").await;
    assert!(matches!(stored, Err(VaultError::NoKey)));
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::NoKey)
    ));
}

#[tokio::test]
async fn bad_names_and_too_much_are_refused() {
    let vault = in_memory().await;
    vault.create_case_key(&case(1)).await.unwrap();
    for bad in ["", "a b", "a\nb", "../x"] {
        let sealed = vault.seal_record(&case(1), bad, b"x").await;
        assert!(matches!(sealed, Err(VaultError::BadName)));
        let opened = vault.open_record(&case(1), bad, b"x").await;
        assert!(matches!(opened, Err(VaultError::BadName)));
    }
    let much = vec![0; MAX_SEALED_BYTES + 1];
    let stored = vault.put_object(&case(1), &name("ev_1"), &much).await;
    assert!(matches!(stored, Err(VaultError::TooLarge)));
}

#[tokio::test]
async fn a_store_with_too_long_an_object_is_not_read_into_memory() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    vault
        .put_object(&case(1), &name("ev_1"), b"x")
        .await
        .unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(disk.object_file(&case(1), &name("ev_1")))
        .unwrap();
    file.set_len(8 << 30).unwrap(); // Sparse: takes no room on disk.
    assert!(matches!(
        vault.get_object(&case(1), &name("ev_1")).await,
        Err(VaultError::TooLarge)
    ));
}

#[tokio::test]
async fn no_known_plaintext_lies_on_disk() {
    let disk = Disk::new();
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let secret = b"ann.applicant@example.org".repeat(10_000);
    vault
        .put_object(&case(1), &name("ev_1"), &secret)
        .await
        .unwrap();
    vault
        .put_object(&case(1), &name("ev_2"), &secret[..25])
        .await
        .unwrap();
    let record = vault
        .seal_record(&case(1), "contact", &secret)
        .await
        .unwrap();
    std::fs::write(disk.root().join("database"), record).unwrap();
    let found = files(disk.root());
    assert_eq!(
        found.len(),
        5,
        "two objects, two keys, one record: {found:?}"
    );
    for file in found {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            bytes.starts_with(b"age-encryption.org/v1\n"),
            "{}",
            file.display()
        );
        for known in [&b"applicant"[..], b"AGE-SECRET-KEY", b"regain", b"example"] {
            let seen = bytes.windows(known.len()).any(|window| window == known);
            assert!(!seen, "{}", file.display());
        }
    }
    let shown = format!("{:?}", VaultError::Damaged);
    assert!(!shown.contains("ann"));
}

/// The steps of `docs/reference/vault-format.md`, with the independent `age` command.
#[tokio::test]
async fn an_operator_opens_an_object_by_hand() {
    use std::process::Command;
    if Command::new("age").arg("--version").output().is_err() {
        eprintln!("skipped: the age command is not installed");
        return;
    }
    let disk = Disk::new();
    let master = MasterKey::generate();
    let vault = disk.open(&[&master]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let content = noise(3, 200_000);
    vault
        .put_object(&case(1), &name("ev_1"), &content)
        .await
        .unwrap();
    let at = |file: &str| disk.root().join(file);
    std::fs::write(at("master.txt"), &*master.to_secret_text()).unwrap();
    let open = |key: &str, from: &std::path::Path, to: &str| {
        let mut age = Command::new("age");
        age.args(["-d", "-i"])
            .arg(at(key))
            .arg("-o")
            .arg(at(to))
            .arg(from);
        assert!(age.status().unwrap().success());
    };
    open("master.txt", &disk.key_file(&case(1)), "case.key");
    open(
        "case.key",
        &disk.object_file(&case(1), &name("ev_1")),
        "item",
    );
    let item = std::fs::read(at("item")).unwrap();
    let end = item.iter().position(|byte| *byte == b'\n').unwrap();
    let header = format!("regain-sealed/1 object {} ev_1", case(1));
    assert_eq!(item[..end], *header.as_bytes());
    assert_eq!(item[end + 1..], content);
}

#[tokio::test]
async fn the_same_content_twice_looks_different() {
    let vault = in_memory().await;
    vault.create_case_key(&case(1)).await.unwrap();
    let one = vault
        .seal_record(&case(1), "contact", b"same")
        .await
        .unwrap();
    let two = vault
        .seal_record(&case(1), "contact", b"same")
        .await
        .unwrap();
    assert_ne!(one[one.len() - 40..], two[two.len() - 40..]);
}

#[tokio::test]
async fn keys_and_objects_must_be_apart() {
    let disk = Disk::new();
    for keys in [
        disk.objects(),
        disk.objects().join("keys"),
        disk.root().to_owned(),
    ] {
        let opened = Vault::open(VaultConfig {
            objects: Location::folder(disk.objects()),
            keys: Location::folder(keys),
            masters: vec![MasterKey::generate()],
        });
        assert!(matches!(opened.await, Err(VaultError::BadLocation(_))));
    }
    let none = disk.open(&[]).await;
    assert!(matches!(
        none,
        Err(VaultError::Master(MasterProblem::NoneGiven))
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn only_this_user_may_enter_the_folders() {
    use std::os::unix::fs::PermissionsExt;
    let disk = Disk::new();
    disk.open(&[&MasterKey::generate()]).await.unwrap();
    for folder in [disk.keys(), disk.objects()] {
        assert_eq!(
            std::fs::metadata(folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
}

#[tokio::test]
async fn a_large_video_takes_a_bounded_amount_of_memory() {
    let disk = Disk::new();
    let vault = disk.open(&[&MasterKey::generate()]).await.unwrap();
    vault.create_case_key(&case(1)).await.unwrap();
    let video = noise(7, 48 << 20);
    let digest = vault
        .put_object(&case(1), &name("ev_1"), &video)
        .await
        .unwrap();
    let back = vault.get_object(&case(1), &name("ev_1")).await.unwrap();
    assert_eq!(ContentDigest::of(&back), digest);
    assert_eq!(back.len(), video.len());
    // Plain, sealed and one copy: 144 MiB, and room for what else this process did.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < 300 << 10, "peak {peak} kB");
    }
}
