// The layers of an OCI image as one root: what lies over what, what is taken away, and that nothing
// is left of them.
#include <gmock/gmock.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "tests/kernel/refusals.h"
#include "tests/unit/mount/root_mount_fixture.h"

namespace sifguard {
namespace {

using namespace test;

class LayeredRootTest : public RootMountTest {
 protected:
  void SetUp() override {
    RootMountTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // A file that stays, one that is covered, one that is taken away; a directory that begins anew.
    make(
        "rm -rf l0 l1 l2 low middle high && mkdir -p l0/etc l0/fresh l1/etc l1/fresh l2/etc && "
        "echo low >l0/etc/stays && echo low >l0/etc/covered && echo low >l0/etc/gone && "
        "echo low >l0/fresh/below && echo root >l0/etc/shadow && chmod 0600 l0/etc/shadow && "
        "echo middle >l1/etc/covered && echo middle >l1/fresh/above && mknod l1/etc/gone c 0 0 && "
        "echo high >l2/etc/covered && chmod -R go+rX l0/fresh l1 l2");
    const std::string fresh = directory() / "l1/fresh";
    ASSERT_EQ(::setxattr(fresh.c_str(), "trusted.overlay.opaque", "y", 1, 0), 0);
    make(
        "chmod 0755 l0 l0/etc && for i in 0:low 1:middle 2:high; do "
        "mksquashfs l${i%:*} ${i#*:} -quiet -all-root -comp gzip; done");
  }

  /// Each a partition of an image of its own.
  struct Image {
    std::vector<OpenedPartition> files;
    std::vector<ImagePartition> layers;
  };
  static Image image_of(const std::vector<std::string>& names) {
    Image image;
    for (const std::string& name : names) {
      image.files.push_back(test::partition_of(directory(), name));
      image.layers.push_back(image.files.back().partition);
    }
    return image;
  }
  static Result<RootMount> mount_layers(const Image& image) {
    return mount_layered_root(admission_of(), image.layers, options());
  }
  static std::string text_of(const std::string& name) {
    return test::read_file(std::string(kRoot) + "/" + name);
  }
  static bool is_there(const std::string& name) {
    struct stat st {};
    return ::lstat((std::string(kRoot) + "/" + name).c_str(), &st) == 0;
  }
  static std::string looks_layered() {
    const Image image = image_of({"low", "middle", "high"});
    const auto root = mount_layers(image);
    if (!root) return root.error().line();
    if (const auto placed = root->place(kRoot); !placed) return placed.error().line();
    if (text_of("etc/stays") != "low\n") return "what stays";
    if (text_of("etc/covered") != "high\n") return "the highest is not above";
    if (is_there("etc/gone")) return "what was taken away is there";
    if (is_there("fresh/below")) return "an opaque directory shows what is below";
    if (text_of("fresh/above") != "middle\n") return "an opaque directory shows nothing";
    struct statvfs st {};
    if (::statvfs(kRoot, &st) != 0) return "no mount";
    constexpr unsigned long kWanted = ST_RDONLY | ST_NOSUID | ST_NODEV;
    if ((st.f_flag & kWanted) != kWanted) return "flags";
    if (::open("/run/root/etc/stays", O_WRONLY) >= 0 || errno != EROFS) return "writable";
    if (!fs::is_empty(kScratch)) return "places of layers are left";
    return "";
  }
};

TEST_F(LayeredRootTest, TheHigherLiesOverTheLower) {
  EXPECT_EQ(in_namespace(looks_layered), "");
}

TEST_F(LayeredRootTest, AlsoWhereSquashfuseServesThem) {
  if (!has_squashfuse()) GTEST_SKIP() << "SKIPPED: needs " << kSquashfuse << " 0.2 or later";
  by_squashfuse_ = true;
  EXPECT_EQ(in_namespace(looks_layered), "");
  by_squashfuse_ = false;
}

TEST_F(LayeredRootTest, OnOldKernelsToo) {
  EXPECT_EQ(in_namespace([] {
              const std::string old = "linux-4.18";
              test::refuse_from_now_on({&old, 1});
              return looks_layered();
            }),
            "");
}

TEST_F(LayeredRootTest, TheOwnersFilesAreHis) {
  EXPECT_EQ(in_namespace([]() -> std::string {
              const Image image = image_of({"low", "middle"});
              const auto root = mount_layers(image);
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (!root->shows_owner()) return "";  // a kernel that cannot, and says so
              return why_not_the_users("root\n");
            }),
            "");
}

TEST_F(LayeredRootTest, OneLayerIsThatSquashfs) {
  EXPECT_EQ(in_namespace([]() -> std::string {
              const Image image = image_of({"low"});
              const auto root = mount_layers(image);
              if (!root || !root->place(kRoot)) return "cannot mount";
              return text_of("etc/gone") == "low\n" ? "" : "other files";
            }),
            "");
}

TEST_F(LayeredRootTest, ManyLayersAreLaidOverEachOther) {
  EXPECT_EQ(in_namespace([]() -> std::string {
              // One squashfs is many file systems to the kernel.
              Image image = image_of({"low", "middle", "high"});
              while (image.layers.size() < 128)
                image.layers.insert(image.layers.begin() + 1, image.layers[0]);
              const auto root = mount_layers(image);
              if (!root) return root.error().line();
              if (const auto placed = root->place(kRoot); !placed) return placed.error().line();
              return text_of("etc/covered") == "high\n" && !is_there("etc/gone") ? ""
                                                                                 : "other files";
            }),
            "");
}

TEST_F(LayeredRootTest, ALayerThatTheKernelDoesNotTakeRefusesAllOfThem) {
  make("head -c 8192 /dev/zero >odd");
  EXPECT_EQ(in_namespace([]() -> std::string {
              const Image image = image_of({"low", "odd"});
              const auto root = mount_layers(image);
              if (root) return "mounted";
              return root.error().code() == Code::refused ? "" : root.error().line();
            }),
            "");
}

TEST_F(LayeredRootTest, NoLayersAreNoRoot) {
  EXPECT_FALSE(mount_layers({}));
}

}  // namespace
}  // namespace sifguard
