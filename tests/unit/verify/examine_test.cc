// Images through both sandboxed programs, with keys and signatures by the real gpg. As root the
// children run in namespaces, as another account where told.
#include "tests/unit/verify/examine_fixture.h"

namespace sifguard {
namespace {

// --- Vectors, against the table of expected results ----------------------------------------------

TEST_F(Examine, ThePgpVectorIsGood) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  const auto facts = examine(image, {vector_key()});
  ASSERT_TRUE(facts) << facts.error().line();
  ASSERT_EQ((*facts)->signatures.size(), 1U);
  const SignatureFact& signature = (*facts)->signatures[0];
  EXPECT_EQ(signature.status, SignatureStatus::good) << signature.note;
  EXPECT_EQ(signature.signer, kUnit);
  EXPECT_EQ(signature.hash, "sha256");
  EXPECT_EQ(signature.made, 1593475316);
  EXPECT_THAT(signature.covered, ElementsAre(1, 2));
  EXPECT_EQ((*facts)->image_size, image.size());
  EXPECT_EQ((*facts)->primary_partition_id, 2U);
  EXPECT_EQ(verdict(image, vector_key(), kUnit), "ACCEPTED");
}

TEST_F(Examine, TheOtherVectorsAreRefused) {
  for (const char* const name :
       {"empty", "empty-id", "empty-launch-script", "one-group", "one-object-crypt-message",
        "one-object-sbom", "one-object-time"}) {
    const std::string image = test::vector_image(name);
    SG_NEED_VECTOR(image);
    EXPECT_EQ(verdict(image, vector_key(), kUnit), "the image is not signed") << name;
  }
  for (const char* const name : {"one-group-signed-legacy", "one-group-signed-legacy-all",
                                 "one-group-signed-legacy-group"}) {
    EXPECT_THAT(verdict(test::vector_image(name), vector_key(), kUnit),
                HasSubstr("has the legacy form"))
        << name;
  }
  EXPECT_NE(verdict(test::vector_image("one-group-signed-dsse"), vector_key(), kUnit), "ACCEPTED");
}

TEST_F(Examine, TheLegacyVectorsAreGoodWhereAllowedAndEverythingIsCovered) {
  SignerRequirement wanted;
  wanted.any_of = {kUnit};
  wanted.legacy = true;
  for (const auto& [name, complaint] :
       {std::pair{"one-group-signed-legacy", "does not cover object 1"},
        std::pair{"one-group-signed-legacy-all", ""},
        std::pair{"one-group-signed-legacy-group", ""}}) {
    const std::string image = test::vector_image(name);
    SG_NEED_VECTOR(image);
    const auto facts = examine(image, {vector_key()});
    ASSERT_TRUE(facts) << facts.error().line();
    const auto judged = weigh(**facts, std::vector{wanted}, kNow);
    EXPECT_EQ(judged.has_value(), *complaint == '\0') << name;
    if (!judged) {
      EXPECT_THAT(judged.error().what(), HasSubstr(complaint));
    }
  }
}

TEST_F(Examine, ThePgpVectorIsRefusedWithoutItsKeyOrForAnotherSigner) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  const auto facts = examine(image, {});
  ASSERT_TRUE(facts) << facts.error().line();
  EXPECT_EQ((*facts)->signatures[0].status, SignatureStatus::unknown_key);
  EXPECT_THAT((*facts)->signatures[0].signer, IsEmpty());
  EXPECT_THAT(verdict(image, vector_key(), std::string(40, 'A')),
              HasSubstr("signed by " + kUnit + ", which is not a signer asked for"));
}

TEST_F(Examine, ThePgpVectorIsBadOnceChanged) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  for (const std::size_t offset : {std::size_t{3}, std::size_t{50}, at(0, 73), at(1, 300),
                                   std::size_t{32768}, std::size_t{40959}}) {
    std::string changed = image;
    changed[offset] = static_cast<char>(changed[offset] ^ 1);
    EXPECT_THAT(verdict(changed, vector_key(), kUnit),
                HasSubstr("the signature of " + kUnit + " is bad"))
        << offset;
  }
}

TEST_F(Examine, TheClaimedFingerprintSaysNothing) {  // CVE-2020-13845
  std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  image.replace(at(2, 205), 20, std::string(20, '\xAA'));
  const auto facts = examine(image, {vector_key()});
  ASSERT_TRUE(facts);
  EXPECT_EQ((*facts)->signatures[0].signer, kUnit);
  EXPECT_THAT(verdict(image, vector_key(), std::string(40, 'A')),
              HasSubstr("is not a signer asked for"));
}

// --- Images signed here, by gpg ------------------------------------------------------------------

TEST_F(Examine, GpgSignaturesAreGoodForTheirSignerAlone) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string bob = gpg.generate("bob");
  ASSERT_EQ(alice.size(), 40U);
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  EXPECT_EQ(verdict(image, gpg.public_key(alice), alice), "ACCEPTED");
  EXPECT_THAT(verdict(image, gpg.public_key(bob), bob), HasSubstr("none of the signers asked for"));
  EXPECT_THAT(verdict(image, gpg.public_key(alice), bob),
              HasSubstr("signed by " + alice + ", which is not a signer asked for"));
  EXPECT_THAT(verdict(image, gpg.public_key(bob), alice), HasSubstr("made by a key"));
}

TEST_F(Examine, SeveralSignaturesAreToldApart) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string bob = gpg.generate("bob");
  test::SifBuilder builder = test::encrypted_image();
  const std::string statement = test::statement_of(builder.build());
  builder.add(test::signature_of(gpg.clearsign(statement, bob)));
  builder.add(test::signature_of(gpg.clearsign(statement, alice, "--digest-algo SHA512")));
  const std::string image = builder.build();
  const auto facts = examine(image, {gpg.public_key(alice), gpg.public_key(bob)});
  ASSERT_TRUE(facts) << facts.error().line();
  ASSERT_EQ((*facts)->signatures.size(), 2U);
  EXPECT_EQ((*facts)->signatures[0].signer, bob);
  EXPECT_EQ((*facts)->signatures[1].signer, alice);
  EXPECT_EQ((*facts)->signatures[1].hash, "sha512");
  ASSERT_TRUE((*facts)->message);
  EXPECT_EQ(image.substr((*facts)->message->offset, (*facts)->message->size),
            test::message_of(1).data);
}

TEST_F(Examine, ExpiredAndRevokedKeysDoNotCount) {
  const test::TestGpg gpg;
  const std::string old_time = "--faked-system-time 20200101T000000!";
  const std::string old = gpg.generate("old", "1y", old_time);
  const std::string expired = test::signed_image(test::plain_image(), gpg, old, 1, old_time);
  EXPECT_THAT(verdict(expired, gpg.public_key(old), old),
              HasSubstr("has expired: its key " + old + " expired on 2020-12-31T"));
  const std::string alice = gpg.generate("alice");
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  EXPECT_EQ(verdict(image, gpg.public_key(alice), alice), "ACCEPTED");
  gpg.revoke(alice);
  EXPECT_THAT(verdict(image, gpg.public_key(alice), alice), HasSubstr("revoked"));
}

TEST_F(Examine, ExpiredAndRevokedSubkeysAreNamed) {
  const test::TestGpg gpg;
  const std::string old_time = "--faked-system-time 20200101T000000!";
  const std::string old = gpg.generate("old", "never", old_time);
  const std::string subkey = gpg.add_subkey(old, "1y", old_time);
  const std::string expired = test::signed_image(test::plain_image(), gpg, subkey, 1, old_time);
  EXPECT_THAT(verdict(expired, gpg.public_key(old), old),
              HasSubstr("the signature of " + old + " has expired: its subkey " + subkey +
                        " expired on 2020-12-31T"));
  const std::string other = gpg.add_subkey(old, "never", old_time);
  const std::string image = test::signed_image(test::plain_image(), gpg, other);
  EXPECT_EQ(verdict(image, gpg.public_key(old), old), "ACCEPTED");
  gpg.revoke_subkey(old, 2);
  EXPECT_THAT(verdict(image, gpg.public_key(old), old),
              HasSubstr("does not count: its subkey " + other + " is revoked by its owner"));
}

TEST_F(Examine, WhatIsDatedInTheFutureDoesNotCount) {
  const test::TestGpg gpg;
  const std::string ahead = "--faked-system-time 20900101T000000!";
  const std::string alice = gpg.generate("alice");
  const std::string image = test::signed_image(test::plain_image(), gpg, alice, 1, ahead);
  const std::string words = " is dated in the future (2090-01-01T00:00:00Z)";
  EXPECT_THAT(verdict(image, gpg.public_key(alice), alice),
              HasSubstr("the signature of " + alice + words));
  const std::string late = gpg.generate("late", "never", ahead);
  const std::string both = test::signed_image(test::plain_image(), gpg, late, 1, ahead);
  EXPECT_THAT(verdict(both, gpg.public_key(late), late),
              HasSubstr("the signature of " + late + words));
}

TEST_F(Examine, ExpiryOfAGoodKeyIsReported) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice", "10y");
  const auto facts =
      examine(test::signed_image(test::plain_image(), gpg, alice), {gpg.public_key(alice)});
  ASSERT_TRUE(facts) << facts.error().line();
  EXPECT_GT((*facts)->signatures[0].valid_until, (*facts)->signatures[0].made + 9LL * 365 * 86400);
}

TEST_F(Examine, WeakSignaturesAndDigestsDoNotCount) {  // CVE-2022-39237
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string key = gpg.public_key(alice);
  test::SifBuilder builder = test::plain_image();
  const std::string weak = test::statement_of(builder.build(), 1, "sha1");
  builder.add(test::signature_of(gpg.clearsign(weak, alice)));
  EXPECT_THAT(verdict(builder.build(), key, alice), HasSubstr("is weak"));
  EXPECT_NE(verdict(test::signed_image(test::plain_image(), gpg, alice, 1,
                                       "--allow-weak-digest-algos --digest-algo SHA1"),
                    key, alice),
            "ACCEPTED");
}

TEST_F(Examine, UnsignedAdditionsAreRefused) {  // CVE-2020-13846
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string key = gpg.public_key(alice);
  const auto with = [&](test::ObjectSpec extra) {
    test::SifBuilder builder = test::plain_image();
    const std::string statement = test::statement_of(builder.build());
    builder.add(test::signature_of(gpg.clearsign(statement, alice)));
    return verdict(builder.add(std::move(extra)).build(), key, alice);
  };
  const test::ObjectSpec overlay = test::partition_of(1, 4, test::squashfs());
  test::ObjectSpec loose = overlay;
  loose.group = 0;
  test::ObjectSpec other = overlay;
  other.group = 2;
  EXPECT_THAT(with(loose), HasSubstr("object 4 of the image is in no group"));
  EXPECT_THAT(with(overlay), HasSubstr("does not cover object 4"));
  EXPECT_THAT(with(other), HasSubstr("group 2 of the image is not signed"));
  EXPECT_THAT(with(test::partition_of(1, 2, test::squashfs())), HasSubstr("both primary"));
}

TEST_F(Examine, HeaderAndDescriptorsAreCovered) {  // CVE-2020-13847
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string key = gpg.public_key(alice);
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  std::string script = image;
  script.replace(0, 31, "#!/usr/bin/env run-evil-thing!\n");
  EXPECT_THAT(verdict(script, key, alice),
              HasSubstr("is bad: the header or launch script was changed"));
  std::string renamed = image;
  renamed.replace(at(0, 73), 4, "evil");
  EXPECT_THAT(verdict(renamed, key, alice), HasSubstr("is bad: the descriptor of object 1"));
}

TEST_F(Examine, ATransplantedGroupIsBad) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  test::SifBuilder donor = test::plain_image();
  donor.uuid = "donor image 0016";
  const std::string signature = gpg.clearsign(test::statement_of(donor.build()), alice);
  test::SifBuilder thief = test::plain_image();
  EXPECT_THAT(
      verdict(thief.add(test::signature_of(signature)).build(), gpg.public_key(alice), alice),
      HasSubstr("is bad"));
}

TEST_F(Examine, AStatementChangedAfterSigningIsBad) {  // CVE-2019-11841 and plain forgery
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string key = gpg.public_key(alice);
  test::SifBuilder other = test::plain_image();
  other.uuid = "other image 0016";
  const std::string signature = gpg.clearsign(test::statement_of(other.build()), alice);
  const auto with = [&](const std::string& data) {
    test::SifBuilder builder = test::plain_image();
    return verdict(builder.add(test::signature_of(data)).build(), key, alice);
  };
  const std::string wanted = test::statement_of(test::plain_image().build());
  const std::size_t start = signature.find('{');
  const std::size_t end = signature.find('\n', start);
  std::string forged = signature;
  forged.replace(start, end - start, wanted);
  EXPECT_THAT(with(forged), HasSubstr("is bad: the signature does not fit its own statement"));
  std::string spoofed = signature;
  spoofed.insert(spoofed.find("\n\n"), "\n" + wanted);
  EXPECT_THAT(with(spoofed), HasSubstr("an armor header other than Hash"));
  std::string twice = signature;
  twice.insert(0, forged);
  EXPECT_THAT(with(twice), HasSubstr("something follows the signature"));
}

TEST_F(Examine, AKeyBlockOrOtherClassIsNoSignature) {
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string key = gpg.public_key(alice);
  std::string body = key.substr(key.find("\n\n") + 2);
  body.resize(body.find("-----END"));
  test::SifBuilder builder = test::plain_image();
  const std::string statement = test::statement_of(builder.build());
  builder.add(test::signature_of("-----BEGIN PGP SIGNED MESSAGE-----\n\n" + statement +
                                 "\n-----BEGIN PGP SIGNATURE-----\n\n" + body +
                                 "-----END PGP SIGNATURE-----\n"));
  EXPECT_THAT(verdict(builder.build(), key, alice), HasSubstr("is malformed"));
}

TEST_F(Examine, WorksAsANoLoginAccount) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  const passwd* const nobody = ::getpwnam("nobody");
  ASSERT_NE(nobody, nullptr);
  options_.identity = Identity{nobody->pw_uid, nobody->pw_gid, {}};
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  EXPECT_EQ(verdict(image, gpg.public_key(alice), alice), "ACCEPTED");
  EXPECT_TRUE(std::filesystem::is_empty(options_.scratch_dir));
}

TEST_F(Examine, WorksWithoutRoot) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: LeakSanitizer needs root to look into an undumpable process";
#endif
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to become somebody else";
  const test::TestGpg gpg;
  const std::string alice = gpg.generate("alice");
  const std::string image = test::signed_image(test::plain_image(), gpg, alice);
  const std::string key = gpg.public_key(alice);
  ASSERT_EQ(::chown(options_.scratch_dir.c_str(), 65534, 65534), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const std::string outcome = verdict(image, key, alice);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(outcome, "ACCEPTED");
  EXPECT_TRUE(std::filesystem::is_empty(options_.scratch_dir));
}

}  // namespace
}  // namespace sifguard
