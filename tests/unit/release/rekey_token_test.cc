// Rekeying with a long-term key that never leaves a PKCS#11 token.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "helper/release/crypto_message.h"
#include "helper/release/rekey.h"
#include "keystore/crypto/token_key.h"
#include "tests/unit/crypto/softhsm.h"
#include "tests/unit/release/granting.h"
#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

const std::string kVolumeKey = "0123456789abcdef0123456789abcdef";
const std::string kDigest(64, 'd');

/// As a keystore holds it: what is no secret, in place of a private half.
StoredPrivateKey stored_in(const test::SoftHsm& token) {
  const RsaPublicKey half = token_public_key(token.uri()).value();
  KeyEntry entry;
  entry.record.id = half.id().value();
  entry.record.token = token.uri();
  entry.private_half = test::secret_of(token.uri());
  entry.public_pem = half.spki_pem().value();
  return {std::move(entry), "keys"};
}

TEST(RekeyToken, TheVolumeKeyIsUnwrappedInTheToken) {
  const test::SoftHsm token;
  if (!token.good()) GTEST_SKIP() << "NOT TESTED: needs root, softhsm2 and opensc";
  const StoredPrivateKey stored = stored_in(token);
  const std::string message = test::long_term_key().message(token.encrypt(kVolumeKey));
  PrivateCopy copy;
  copy.fd = UniqueFd(::memfd_create("image", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(copy.fd.get(), message + "rest of the image", "image"));
  copy.size = message.size() + 17;
  const KeyGrant grant = test::grant_of(stored.id());

  const auto rekeyed = rekey(grant, stored, copy, {0, message.size()}, kDigest);
  ASSERT_TRUE(rekeyed) << rekeyed.error().line();
  std::string patched(message.size(), '\0');
  ASSERT_TRUE(pread_exact(copy.fd.get(), std::as_writable_bytes(std::span(patched)), 0, "image"));
  const auto cipher = parse_crypto_message(patched);
  ASSERT_TRUE(cipher);
  const test::TempDir directory;
  test::write_file(directory / "transient.pem", test::text_of(*rekeyed->key.pem()));
  EXPECT_EQ(test::long_term_key().decrypt_with(directory / "transient.pem",
                                               std::string(as_text(*cipher))),
            kVolumeKey);

  // And the sealed key of the cache is opened by the token, too, and by nothing that the keystore
  // has.
  EXPECT_FALSE(as_text(rekeyed->sealed_key).starts_with("SGSEAL2\n"));
  const EntryRecord entry{
      {kDigest, {}, grant.key().id}, test::examined(test::facts_of()), rekeyed->sealed_key};
  const auto released = release_sealed(grant, stored, entry);
  ASSERT_TRUE(released) << released.error().line();
  EXPECT_EQ(test::text_of(*released->pem()), test::text_of(*rekeyed->key.pem()));
}

TEST(RekeyToken, ATokenThatIsAwayIsNoVerdictOnTheImage) {
  const test::SoftHsm token;
  if (!token.good()) GTEST_SKIP() << "NOT TESTED: needs root, softhsm2 and opensc";
  const auto away =
      RsaPrivateKey::in_token(token.uri("other"), token_public_key(token.uri()).value());
  const auto cipher = token.encrypt(kVolumeKey);
  const auto unwrapped = unwrap_volume_key(as_bytes(cipher), away);
  ASSERT_FALSE(unwrapped);
  EXPECT_EQ(unwrapped.error().code(), Code::absent) << unwrapped.error().line();
}

}  // namespace
}  // namespace sifguard
