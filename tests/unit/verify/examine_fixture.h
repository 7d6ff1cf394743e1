// What the tests of examine_image() share: both sandboxed programs, run on images made here.
#pragma once

#include "helper/verify/examine.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fstream>

#include "helper/verify/weigh.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {

using test::at;
using test::poke;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

inline const std::string kUnit = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";
inline const std::int64_t kNow = ::time(nullptr);  // gpg signs by the clock

class Examine : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/sifguard-examine-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ::chmod(directory_.c_str(), 0755);
    std::filesystem::create_directory(directory_ + "/scratch");
    std::filesystem::create_directory(directory_ + "/libexec");
    options_.libexec_dir = SIFGUARD_BIN;
    options_.gpg = "/usr/bin/gpg";
    options_.scratch_dir = directory_ + "/scratch";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Result<ExaminedFacts> examine(const std::string& image, const std::vector<std::string>& keys,
                                std::int64_t patience_ms = 60000) {
    options_.deadline_ms = monotonic_ms() + patience_ms;
    const UniqueFd fd = test::file_of(image);
    return examine_image(fd.get(), SignerKeys{keys, {}, {}}, options_);
  }

  /// The refusal for an image that only `signer` may have signed, or "ACCEPTED".
  std::string verdict(const std::string& image, const std::string& key, const std::string& signer) {
    const auto facts = examine(image, {key});
    if (!facts) return facts.error().line();
    SignerRequirement wanted;
    wanted.any_of = {signer};
    const auto judged = weigh(**facts, std::vector{wanted}, kNow);
    return judged ? "ACCEPTED" : judged.error().what();
  }

  /// Makes `program` a shell script; the other programs are the real ones.
  void stand_in(const std::string& program, const std::string& script) {
    for (const char* const real : {"sifguard-verifier", "sifguard-pgp", "sifguard-pki"}) {
      std::error_code there;
      std::filesystem::create_symlink(std::string(SIFGUARD_BIN) + "/" + real,
                                      directory_ + "/libexec/" + real, there);
    }
    const std::string path = directory_ + "/libexec/" + program;
    std::filesystem::remove(path);
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ::chmod(path.c_str(), 0755);
    options_.libexec_dir = directory_ + "/libexec";
  }

  std::string directory_;
  ExamineOptions options_;
};

inline std::string vector_key() {
  std::ifstream file(std::string(SIFGUARD_VECTORS) + "/keys/unit-public.asc");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sifguard
