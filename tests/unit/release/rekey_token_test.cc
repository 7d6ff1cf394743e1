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

TEST(RekeyToken, TheVolumeKeyIsUnwrappedInTheToken) {
  const test::SoftHsm token;
  if (!token.good()) GTEST_SKIP() << "NOT TESTED: needs root, softhsm2 and opensc";
  const auto long_term =
      RsaPrivateKey::in_token(token.uri(), token_public_key(token.uri()).value());
  const std::string message = test::long_term_key().message(token.encrypt(kVolumeKey));
  PrivateCopy copy;
  copy.fd = UniqueFd(::memfd_create("image", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(copy.fd.get(), message + "rest of the image", "image"));
  copy.size = message.size() + 17;
  const KeyGrant grant = test::grant_of(long_term.public_key()->id().value());

  const auto rekeyed = rekey(grant, long_term, copy, {0, message.size()}, kDigest);
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

  // And the sealed key of the cache is opened by the token, too.
  const EntryRecord entry{
      {kDigest, {}, grant.key().id}, test::examined(test::facts_of()), rekeyed->sealed_key};
  const auto released = release_sealed(grant, long_term, entry);
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
  EXPECT_EQ(unwrapped.error().code(), Code::unavailable) << unwrapped.error().line();
}

}  // namespace
}  // namespace sifguard
