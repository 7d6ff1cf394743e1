// sifguard.yaml: defaults, every field, and refusals.
#include "keystore/policy/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sifguard/paths.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using test::TempDir;
using test::write_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ConfigTest, NothingMeansTheDefaults) {
  for (const char* text : {"", "# all commented out\n", "version: 1\n"}) {
    const auto config = parse_config(text);
    ASSERT_TRUE(config) << text;
    EXPECT_EQ(config->keystore, SIFGUARD_KEYSTORE_DIR);
    EXPECT_EQ(config->runtime, "/usr/bin/apptainer");
    EXPECT_EQ(config->cache, SIFGUARD_CACHE_DIR);
    EXPECT_EQ(config->cache_max_bytes, 64ULL << 30);
    EXPECT_EQ(config->cache_max_bytes_per_user, 0U);
    EXPECT_EQ(config->image_max_bytes, 64ULL << 30);
    EXPECT_EQ(config->audit_file, SIFGUARD_AUDIT_FILE);
    EXPECT_TRUE(config->audit_required);
    EXPECT_EQ(config->refusals_per_minute, 100);
    EXPECT_EQ(config->gpg, "/usr/bin/gpg");
    EXPECT_EQ(config->pmix_tmpdir, "/tmp");
    EXPECT_EQ(config->verifier_user, "sifguard");
    EXPECT_EQ(config->release, Release::pem);
    EXPECT_EQ(config->mount_driver, MountDriver::kernel);
    EXPECT_EQ(config->squashfuse, "/usr/bin/squashfuse_ll");
    EXPECT_EQ(config->stage_timeout_s, 1800);
    EXPECT_EQ(config->verify_timeout_s, 600);
    EXPECT_THAT(config->trusted_filesystems,
                ElementsAre("ext4", "xfs", "btrfs", "tmpfs", "overlay"));
  }
}

TEST(ConfigTest, ReadsEveryField) {
  const auto config = parse_config(R"(version: 1
keystore: /k
runtime: /opt/apptainer/bin/apptainer
cache: "/c"
cache_max_bytes: 512 MiB
cache_max_bytes_per_user: 100 MiB
image_max_bytes: 1073741824
audit_file: /a/b.jsonl
audit:
  required: false
  refusals_per_minute: 7
gpg: /usr/bin/gpg2
pmix_tmpdir: /local/tmp
verifier_user: _sif
stage_timeout_s: 1
verify_timeout_s: 86400
trusted_filesystems: [zfs]
release: mount
mount_driver: fuse
squashfuse: /opt/squashfuse_ll
)");
  ASSERT_TRUE(config) << config.error().line();
  EXPECT_EQ(config->keystore, "/k");
  EXPECT_EQ(config->runtime, "/opt/apptainer/bin/apptainer");
  EXPECT_EQ(config->cache, "/c");
  EXPECT_EQ(config->cache_max_bytes, 512ULL << 20);
  EXPECT_EQ(config->cache_max_bytes_per_user, 100ULL << 20);
  EXPECT_EQ(config->image_max_bytes, 1ULL << 30);
  EXPECT_EQ(config->audit_file, "/a/b.jsonl");
  EXPECT_FALSE(config->audit_required);
  EXPECT_EQ(config->refusals_per_minute, 7);
  EXPECT_EQ(config->gpg, "/usr/bin/gpg2");
  EXPECT_EQ(config->pmix_tmpdir, "/local/tmp");
  EXPECT_EQ(config->verifier_user, "_sif");
  EXPECT_EQ(config->stage_timeout_s, 1);
  EXPECT_EQ(config->verify_timeout_s, 86400);
  EXPECT_THAT(config->trusted_filesystems, ElementsAre("zfs"));
  EXPECT_EQ(config->release, Release::mount);
  EXPECT_EQ(config->mount_driver, MountDriver::fuse);
  EXPECT_EQ(config->squashfuse, "/opt/squashfuse_ll");
}

TEST(ConfigTest, SizesTakeBinaryUnits) {
  const std::pair<const char*, std::uint64_t> sizes[] = {{"1", 1},
                                                         {"1KiB", 1024},
                                                         {"3 MiB", 3ULL << 20},
                                                         {"\"2 GiB\"", 2ULL << 30},
                                                         {"5TiB", 5ULL << 40},
                                                         {"8388607 TiB", 8388607ULL << 40}};
  for (const auto& [text, bytes] : sizes) {
    const auto config = parse_config(std::string("cache_max_bytes: ") + text + "\n");
    ASSERT_TRUE(config) << text;
    EXPECT_EQ(config->cache_max_bytes, bytes);
  }
}

TEST(ConfigTest, NoFilesystemNeedBeTrusted) {
  EXPECT_THAT(parse_config("trusted_filesystems: []\n")->trusted_filesystems, IsEmpty());
}

TEST(ConfigTest, TheShippedFileIsTheDefaults) {
  const std::string shipped = test::read_file(SIFGUARD_SOURCE_DIR "/packaging/etc/sifguard.yaml");
  ASSERT_FALSE(shipped.empty());
  EXPECT_TRUE(parse_config(shipped));
  // Every commented field, uncommented, is valid and says the default.
  std::string fields = shipped;
  for (std::size_t at = 0; (at = fields.find("\n#", at)) != std::string::npos; ++at) {
    const char after = fields[at + 2];
    if (after >= 'a' && after <= 'z') fields.erase(at + 1, 1);
  }
  const auto config = parse_config(fields);
  ASSERT_TRUE(config) << config.error().line();
  EXPECT_THAT(fields, HasSubstr("\nverify_timeout_s: 600"));
  EXPECT_EQ(config->cache_max_bytes, default_config().cache_max_bytes);
  EXPECT_EQ(config->cache_max_bytes_per_user, config->cache_max_bytes / 2);
  EXPECT_EQ(config->image_max_bytes, default_config().image_max_bytes);
  EXPECT_EQ(config->pmix_tmpdir, default_config().pmix_tmpdir);
  EXPECT_EQ(config->trusted_filesystems, default_config().trusted_filesystems);
  EXPECT_EQ(config->stage_timeout_s, default_config().stage_timeout_s);
  EXPECT_EQ(config->runtime, default_config().runtime);
}

TEST(ConfigTest, TheExampleFileIsValid) {
  const auto config =
      parse_config(test::read_file(SIFGUARD_SOURCE_DIR "/slurm_examples/sifguard.yaml"));
  ASSERT_TRUE(config) << config.error().line();
  EXPECT_EQ(config->cache, "/local/sifguard");
}

struct Wrong {
  const char* text;
  const char* message;
};

class ConfigRefusals : public ::testing::TestWithParam<Wrong> {};

TEST_P(ConfigRefusals, SaysWhatAndWhere) {
  const auto config = parse_config(GetParam().text);
  ASSERT_FALSE(config) << GetParam().text;
  EXPECT_EQ(config.error().code(), Code::config);
  EXPECT_THAT(config.error().line(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ConfigRefusals,
    ::testing::Values(
        Wrong{"\nkeystor: /k\n",
              "sifguard.yaml:2: unknown field 'keystor'; did you mean 'keystore'?"},
        Wrong{"keystore: /k\nkeystore: /k\n", "sifguard.yaml:2: the field 'keystore' is repeated"},
        Wrong{"version: 2\n", "version: 2 is out of range"}, Wrong{"- a\n", "must be a mapping"},
        Wrong{"keystore: k\n", "sifguard.yaml:1: keystore: not an absolute"},
        Wrong{"keystore: /a/../k\n", "keystore: not an absolute, normal path"},
        Wrong{"cache: /a//b\n", "cache: not an absolute"}, Wrong{"cache: /a/\n", "cache: not an"},
        Wrong{"cache: /\n", "cache: not an absolute"}, Wrong{"cache:\n", "cache: has no value"},
        Wrong{"runtime: apptainer\n", "runtime: not an absolute"},
        Wrong{"runtime: [/a]\n", "runtime: must be a single value"},
        Wrong{"gpg: ~\n", "gpg: has no value"}, Wrong{"audit_file: \"\"\n", "must not be empty"},
        Wrong{"audit: {require: false}\n", "unknown field 'require'"},
        Wrong{"audit: {required: no}\n", "true or false"},
        Wrong{"audit: {refusals_per_minute: 0}\n", "out of range"},
        Wrong{"audit: false\n", "mapping"}, Wrong{"cache_max_bytes: 0\n", "not a size"},
        Wrong{"cache_max_bytes: -1\n", "not a size"},
        Wrong{"cache_max_bytes: 1 GB\n", "not a size"},
        Wrong{"cache_max_bytes_per_user: 0\n", "not a size"},
        Wrong{"cache_max_bytes_per_user: half\n", "not a size"},
        Wrong{"cache_max_bytes: 1.5 GiB\n", "not a size"},
        Wrong{"cache_max_bytes: 010\n", "not a size"},
        Wrong{"cache_max_bytes: 0x10\n", "not a size"},
        Wrong{"cache_max_bytes: GiB\n", "not a size"},
        Wrong{"cache_max_bytes: 1  GiB\n", "not a size"},
        Wrong{"cache_max_bytes: 8388608 TiB\n", "not a size"},
        Wrong{"cache_max_bytes: 99999999999999999999\n", "not a size"},
        Wrong{"image_max_bytes: all\n", "image_max_bytes: not a size: 'all'"},
        Wrong{"release: fuse\n", "sifguard.yaml:1: release: is 'fuse'"},
        Wrong{"release: MOUNT\n", "release: is 'MOUNT'"},
        Wrong{"release: [mount]\n", "release: must be a single value"},
        Wrong{"release:\n", "release: has no value"},
        Wrong{"mount_driver: loop\n", "sifguard.yaml:1: mount_driver: is 'loop'"},
        Wrong{"mount_driver:\n", "mount_driver: has no value"},
        Wrong{"squashfuse: squashfuse_ll\n", "squashfuse: "},
        Wrong{"stage_timeout_s: 0\n", "stage_timeout_s: 0 is out of range"},
        Wrong{"stage_timeout_s: 86401\n", "out of range"},
        Wrong{"stage_timeout_s: 1m\n", "must be a whole number"},
        Wrong{"verify_timeout_s: \"5\"\n", "must be a whole number"},
        Wrong{"verify_timeout_s: -5\n", "must be a whole number"},
        Wrong{"verify_timeout_s: 99999999999999999999\n", "must be a whole number"},
        Wrong{"verifier_user: root\n", "must not be root"},
        Wrong{"verifier_user: a b\n", "not a user's name"},
        Wrong{"trusted_filesystems: ext4\n", "must be a list"},
        Wrong{"trusted_filesystems: [fuse.sshfs]\n", "not a filesystem's type"},
        Wrong{"trusted_filesystems: [ext4, fuse]\n", "FUSE"},
        Wrong{"trusted_filesystems: [fuseblk]\n", "FUSE"},
        Wrong{"trusted_filesystems: [xfs, xfs]\n", "is repeated"},
        Wrong{"trusted_filesystems: [~]\n", "has no value"},
        Wrong{"enforced: always\n", "unknown field 'enforced'"}));

TEST(ConfigTest, EnforceHardening) {
  EXPECT_EQ(parse_config("")->enforce_hardening, Hardening::require);
  EXPECT_EQ(parse_config("enforce_hardening: require")->enforce_hardening, Hardening::require);
  EXPECT_EQ(parse_config("enforce_hardening: warn")->enforce_hardening, Hardening::warn);
  for (const char* value : {"Warn", "off", "", "[warn]", "no", "0", "true"}) {
    EXPECT_FALSE(parse_config(std::string("enforce_hardening: ") + value)) << value;
  }
}

TEST(ConfigTest, TellsWhetherEnforcementIsSaid) {
  for (const char* text : {"", "version: 1", "# enforce: requested\n"}) {
    EXPECT_FALSE(parse_config(text)->enforce_said) << text;
  }
  for (const char* text : {"enforce: requested", "enforce: always", "enforce: {partitions: [a]}"}) {
    EXPECT_TRUE(parse_config(text)->enforce_said) << text;
  }
}

TEST(ConfigTest, TellsWhetherItSaysAnything) {
  for (const char* text : {"", "\n", "  \n"}) {
    EXPECT_FALSE(parse_config(text)->says_anything) << text;
  }
  for (const char* text :
       {"version: 1", "enforce: requested", "{keystore: /k}", "{}", "# enforce: always\n"}) {
    EXPECT_TRUE(parse_config(text)->says_anything) << text;
  }
}

TEST(ConfigTest, Enforcement) {
  EXPECT_EQ(parse_config("")->enforce, Enforce::requested);
  EXPECT_EQ(parse_config("enforce: requested")->enforce, Enforce::requested);
  EXPECT_EQ(parse_config("enforce: always")->enforce, Enforce::always);
  const auto some = parse_config("enforce: {partitions: [secure, gpu]}");
  ASSERT_TRUE(some) << some.error().line();
  EXPECT_EQ(some->enforce, Enforce::partitions);
  EXPECT_EQ(some->enforced_partitions, (std::vector<std::string>{"secure", "gpu"}));
  for (const char* value : {"never", "partitions", "true", "", "[always]", "[]", "{}",
                            "{partitions: []}", "{partitions: secure}", "{partition: [a]}",
                            "{partitions: [a], users: [b]}", "always\nenforce: requested"}) {
    EXPECT_FALSE(parse_config(std::string("enforce: ") + value)) << value;
  }
}

TEST(ConfigTest, EnforcedPartitionsAreNamesAsSlurmHasThem) {
  for (const char* name : {"secure", "gpu-a100_x", "Bio.2024", "a+b@c:d"}) {
    EXPECT_TRUE(parse_config("enforce: {partitions: [\"" + std::string(name) + "\"]}")) << name;
  }
  const std::pair<const char*, const char*> wrong[] = {{"*", "patterns"},
                                                       {"secure*", "default partition"},
                                                       {"sec?re", "sinfo"},
                                                       {"a,b", "[one, other]"},
                                                       {" secure", "nothing around"},
                                                       {"secure ", "nothing around"},
                                                       {"a b", "nothing around"},
                                                       {"a[1-2]", "sinfo"},
                                                       {"a|b", "sinfo"},
                                                       {"\\xA0secure", "sinfo"},
                                                       {"\\u200Bsecure", "sinfo"},
                                                       {"a=b", "sinfo"},
                                                       {"a\\\"b", "sinfo"}};
  for (const auto& [name, why] : wrong) {
    const auto read = parse_config("enforce: {partitions: [good, \"" + std::string(name) + "\"]}");
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().code(), Code::config);
    EXPECT_THAT(read.error().line(), HasSubstr("not a partition's name")) << name;
    EXPECT_THAT(read.error().line(), HasSubstr(why)) << name;
  }
  for (const char* list : {"['']", "[~]", "[a, a]", "[[a]]", "[{a: b}]"}) {
    EXPECT_FALSE(parse_config("enforce: {partitions: " + std::string(list) + "}")) << list;
  }
}

class LoadConfigTest : public ::testing::Test {
 protected:
  static Trust me() { return Trust{::geteuid()}; }
  TempDir dir_;
};

TEST_F(LoadConfigTest, ReadsATrustedFile) {
  write_file(dir_ / "c.yaml", "keystore: /k\n");
  const auto config = load_config(dir_ / "c.yaml", me());
  ASSERT_TRUE(config) << config.error().line();
  EXPECT_EQ(config->keystore, "/k");
}

TEST_F(LoadConfigTest, AnAbsentFileOrDirectoryMeansTheDefaults) {
  for (const char* name : {"c.yaml", "none/c.yaml"}) {
    const auto config = load_config(dir_ / name, me());
    ASSERT_TRUE(config) << config.error().line();
    EXPECT_EQ(config->runtime, "/usr/bin/apptainer");
  }
}

TEST_F(LoadConfigTest, RefusesWhatOthersCouldHaveChanged) {
  write_file(dir_ / "c.yaml", "keystore: /k\n");
  ASSERT_EQ(::chmod((dir_ / "c.yaml").c_str(), 0666), 0);
  const auto config = load_config(dir_ / "c.yaml", me());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code(), Code::config);
  EXPECT_THAT(config.error().what(), HasSubstr("writable by group or others"));
}

TEST_F(LoadConfigTest, RefusesAbsenceWhereOthersCouldHaveRemovedTheFile) {
  ASSERT_EQ(::mkdir((dir_ / "open").c_str(), 0777), 0);
  ASSERT_EQ(::chmod((dir_ / "open").c_str(), 0777), 0);
  EXPECT_FALSE(load_config(dir_ / "open/c.yaml", me()));
}

TEST_F(LoadConfigTest, RefusesLinksDirectoriesRelativePathsAndGarbage) {
  ASSERT_EQ(::symlink("/nowhere", (dir_ / "dangling").c_str()), 0);
  EXPECT_FALSE(load_config(dir_ / "dangling", me()));
  EXPECT_FALSE(load_config(dir_ / "dangling/c.yaml", me()));
  EXPECT_FALSE(load_config(dir_.path().string(), me()));
  EXPECT_FALSE(load_config("absent.yaml", me()));
  EXPECT_FALSE(load_config("", me()));
  write_file(dir_ / "bad", "keystore: [\n");
  EXPECT_FALSE(load_config(dir_ / "bad", me()));
  write_file(dir_ / "big", "#" + std::string(1 << 20, '#'));
  EXPECT_FALSE(load_config(dir_ / "big", me()));
}

}  // namespace
}  // namespace sifguard
