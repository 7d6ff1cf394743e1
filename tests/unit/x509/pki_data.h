// The certificates, CRLs and OCSP responses of make-pki, made once for the process. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "keystore/base/error.h"
#include "tests/unit/crypto/tools.h"

namespace sifguard::test {

inline const TempDir& pki() {
  static const TempDir* const dir = [] {
    static const TempDir fresh;
    EXPECT_EQ(run(fresh, "bash '" SIFGUARD_SOURCE_DIR "/tests/unit/x509/make-pki' ."), 0)
        << read_file(fresh / "log");
    return &fresh;
  }();
  return *dir;
}

inline std::string pki_file(const std::string& name) {
  const std::string content = read_file(pki() / name);
  EXPECT_FALSE(content.empty()) << name;
  return content;
}
inline std::string pem(const std::string& name) {
  return pki_file(name + ".pem");
}

/// What openssl prints with these arguments, run among the files.
inline std::string openssl(const std::string& arguments) {
  EXPECT_EQ(run(pki(), "openssl " + arguments + " >out"), 0) << read_file(pki() / "log");
  return read_file(pki() / "out");
}

/// When everything was made, more or less.
inline std::int64_t made_at() {
  static const std::int64_t now = (pki(), std::time(nullptr));
  return now;
}
inline constexpr std::int64_t kDay = 86400;

inline std::string vector_certificate(const std::string& name) {
  return read_file(std::string(SIFGUARD_VECTORS) + "/certs/" + name + ".pem");
}

}  // namespace sifguard::test
