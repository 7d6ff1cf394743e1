// A CA and certificates of it, for the tests of all that judges or keeps them. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "keystore/ca/authority.h"

namespace sifguard::test {

/// "/O=Example/CN=Root", and below it "/O=Example/CN=Issuing" if that is wanted.
inline CaCertificates make_ca(const Keystore& keystore, std::int64_t at, bool intermediate = false,
                              KeyAlgorithm algorithm = KeyAlgorithm::p256) {
  CaOptions options;
  options.algorithm = algorithm;
  options.subject = "/O=Example/CN=Root";
  if (intermediate) options.intermediate = "/O=Example/CN=Issuing";
  auto made = init_ca(keystore, options, at);
  EXPECT_TRUE(made) << made.error().line();
  return made ? *std::move(made) : CaCertificates();
}

/// Of a signer, for a key that nobody keeps. `days`: 0 for the usual ones.
inline Result<Issued> issue_signer(const Keystore& keystore, const std::string& name,
                                   std::int64_t at, int days = 0) {
  const Pkey key = generate_key(KeyAlgorithm::p256).value();
  IssueOptions options;
  options.profile = Profile::signer;
  options.name = name;
  options.key = key.get();
  if (days > 0) options.days = days;
  return issue_certificate(keystore, options, at);
}

}  // namespace sifguard::test
