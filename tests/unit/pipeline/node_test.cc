// What a launch reads on its node: anything that is missing or not trustworthy refuses.
#include "helper/pipeline/node.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

#define REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root"

class NodeAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    config_ = default_config();
    config_.keystore = directory_ / "keystore";
    config_.runtime = "/bin/true";
    ASSERT_TRUE(Keystore::init(config_.keystore, Trust{0}));
  }
  void expect_error(Code code, const std::string& part) const {
    const auto node = read_node(config_);
    ASSERT_FALSE(node) << part;
    EXPECT_EQ(node.error().code(), code) << node.error().line();
    EXPECT_NE(node.error().line().find(part), std::string::npos) << node.error().line();
  }
  test::TempDir directory_;
  Config config_;
};

TEST_F(NodeAsRoot, ReadsKeystoreAndPolicy) {
  const auto node = read_node(config_);
  ASSERT_TRUE(node) << node.error().line();
  EXPECT_TRUE(node->policy.all()->bindings.empty());
  EXPECT_EQ(node->keystore.directory(), config_.keystore);
}

TEST(VariablePrefix, IsThatOfTheProgramBehindTheLinks) {
  const test::TempDir directory;
  test::write_file(directory / "apptainer", "");
  test::write_file(directory / "other", "");
  ASSERT_EQ(::symlink("apptainer", (directory / "singularity").c_str()), 0);
  EXPECT_EQ(variable_prefix_of(directory / "apptainer"), "APPTAINERENV_");
  EXPECT_EQ(variable_prefix_of(directory / "singularity"), "APPTAINERENV_");
  EXPECT_EQ(variable_prefix_of(directory / "other"), "APPTAINERENV_");
  EXPECT_EQ(variable_prefix_of(directory / "absent"), "APPTAINERENV_");
  ASSERT_EQ(::unlink((directory / "singularity").c_str()), 0);
  test::write_file(directory / "singularity", "");
  EXPECT_EQ(variable_prefix_of(directory / "singularity"), "SINGULARITYENV_");
}

TEST_F(NodeAsRoot, AMissingRuntimeIsUnavailable) {
  config_.runtime = directory_ / "absent";
  expect_error(Code::unavailable, "absent");
}

TEST_F(NodeAsRoot, ARuntimeThatOthersMayWriteIsRefused) {
  config_.runtime = directory_ / "runtime";
  test::write_file(config_.runtime, "#!/bin/sh\n");
  ::chmod(config_.runtime.c_str(), 0777);
  expect_error(Code::config, "writable");
  ::chmod(config_.runtime.c_str(), 0644);
  expect_error(Code::unavailable, "not executable");
}

TEST_F(NodeAsRoot, AMissingOrOpenKeystoreIsRefused) {
  ::chmod(config_.keystore.c_str(), 0777);
  expect_error(Code::config, "keystore");
  std::filesystem::remove_all(config_.keystore);
  expect_error(Code::config, "keystore");
}

TEST_F(NodeAsRoot, AHalfWrittenPolicyIsRefusedAndNamed) {
  for (const char* text :
       {"version: 1\ndefault: reject\nimages:\n  - name: lol", "", "version: 9\n"}) {
    test::write_file(config_.keystore + "/images.yaml", text);
    ::chmod((config_.keystore + "/images.yaml").c_str(), 0600);
    expect_error(Code::config, "images.yaml");
  }
}

TEST_F(NodeAsRoot, AMissingPolicyIsRefused) {
  std::filesystem::remove(config_.keystore + "/images.yaml");
  expect_error(Code::config, "images.yaml");
}

TEST_F(NodeAsRoot, AConfigurationOthersMayWriteIsRefused) {
  const std::string path = directory_ / "sifguard.yaml";
  test::write_file(path, "version: 1\n");
  ::chmod(path.c_str(), 0644);
  EXPECT_TRUE(read_config(path));
  ::chmod(path.c_str(), 0666);
  const auto config = read_config(path);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
