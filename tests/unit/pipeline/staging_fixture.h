// A cache, a keystore and the installed programs, for staging. Tests only; needs root.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "helper/pipeline/staging.h"
#include "tests/unit/pipeline/pipeline_stage.h"
#include "tests/unit/policy/names.h"

namespace sifguard::test {

class StagingAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    ::chmod(directory_.path().c_str(), 0755);
    install_programs(directory_ / "libexec");
    ASSERT_TRUE(Keystore::init(directory_ / "keystore", Trust{0}));
    keystore_.emplace(*Keystore::open(directory_ / "keystore", Trust{0}));
    add_signer(*keystore_, signers().alice);
    add_signer(*keystore_, signers().bob);
    std::filesystem::create_directory(directory_ / "cache");
    std::filesystem::create_directory(directory_ / "scratch");
    ::chmod((directory_ / "cache").c_str(), 0700);
    cache_.emplace(*ImageCache::open(directory_ / "cache", 64U << 20U));
    options_.libexec_dir = directory_ / "libexec";
    options_.scratch_dir = directory_ / "scratch";
    options_.gpg = "/usr/bin/gpg";
    options_.verifier = Identity{1, 1, {}};  // daemon
    options_.image_max_bytes = 16U << 20U;
    options_.stage_timeout_s = 60;
    options_.verify_timeout_s = 60;
    options_.trust_identity = true;
    options_.uid = kUser;
    place(image_signed_by(signers().alice));
  }
  void place(const std::string& image) {
    write_file(path_, image);
    ::chmod(path_.c_str(), 0644);
  }
  /// An image whose times are old enough to be remembered.
  static void settle() { ::usleep(3100000); }

  [[nodiscard]] static Decision decision(const std::string& signer,
                                         const std::optional<std::string>& digest = {}) {
    Binding binding;
    binding.name = "test";
    binding.match = {"/x"};
    binding.signers.any_of = {signer};
    binding.allow.users = std::vector<std::string>{"alice"};
    binding.digest = digest;
    Facts facts;
    facts.user = "alice";
    facts.image_names = test::named({"/x"});
    return *decide(Policy{{binding}}, facts);
  }
  [[nodiscard]] Result<OpenedImage> open(std::int64_t timeout_ms = 30000) const {
    OpenOptions options;
    options.libexec_dir = options_.libexec_dir;
    options.owner = Identity{kUser, kGroup, {}};
    options.deadline_ms = monotonic_ms() + timeout_ms;
    return open_image(path_, "/", options);
  }
  [[nodiscard]] Result<StagedImage> stage(const Decision& decision) const {
    SG_TRY(OpenedImage opened, open());
    return stage(std::move(opened), decision);
  }
  [[nodiscard]] Result<StagedImage> stage(OpenedImage opened, const Decision& decision) const {
    SG_TRY(const Keyring keyring, load_keyring(*keystore_, decision));
    return stage_image(std::move(opened), decision, keyring, *cache_, {}, options_);
  }
  /// Stages and publishes, as a launch without encryption does.
  void run(const Decision& decision) const {
    auto staged = stage(decision);
    ASSERT_TRUE(staged) << staged.error().line();
    ASSERT_TRUE(staged->publish(*cache_, staged->record(), {}));
  }

  TempDir directory_;
  const std::string path_ = directory_ / "image.sif";
  std::optional<Keystore> keystore_;
  std::optional<ImageCache> cache_;
  StagingOptions options_;
};

}  // namespace sifguard::test
