// Filesystem types, and which of them may be believed about a file's identity.
#include "helper/stage/filesystem_type.h"

#include <gtest/gtest.h>
#include <linux/magic.h>

namespace sifguard {
namespace {

TEST(FilesystemType, HasTheKernelsNumbers) {
  EXPECT_EQ(filesystem_name(EXT4_SUPER_MAGIC), "ext4");
  EXPECT_EQ(filesystem_name(XFS_SUPER_MAGIC), "xfs");
  EXPECT_EQ(filesystem_name(BTRFS_SUPER_MAGIC), "btrfs");
  EXPECT_EQ(filesystem_name(TMPFS_MAGIC), "tmpfs");
  EXPECT_EQ(filesystem_name(OVERLAYFS_SUPER_MAGIC), "overlay");
  EXPECT_EQ(filesystem_name(NFS_SUPER_MAGIC), "nfs");
  EXPECT_EQ(filesystem_name(FUSE_SUPER_MAGIC), "fuse");
}

TEST(FilesystemType, UnknownOnesHaveNoName) {
  EXPECT_EQ(filesystem_name(0), "");
  EXPECT_EQ(filesystem_name(PROC_SUPER_MAGIC), "");
  EXPECT_EQ(filesystem_name(UINT64_MAX), "");
}

TEST(FilesystemType, OnlyNamedOnesAreTrusted) {
  EXPECT_TRUE(is_trusted_filesystem(EXT4_SUPER_MAGIC, {"xfs", "ext4"}));
  EXPECT_FALSE(is_trusted_filesystem(EXT4_SUPER_MAGIC, {"xfs"}));
  EXPECT_FALSE(is_trusted_filesystem(EXT4_SUPER_MAGIC, {}));
  EXPECT_FALSE(is_trusted_filesystem(EXT4_SUPER_MAGIC, {"ext"}));
  EXPECT_FALSE(is_trusted_filesystem(EXT4_SUPER_MAGIC, {"EXT4"}));
}

TEST(FilesystemType, FuseIsNeverTrustedEvenIfNamed) {
  EXPECT_FALSE(is_trusted_filesystem(FUSE_SUPER_MAGIC, {"fuse", "ext4"}));
}

TEST(FilesystemType, AnUnknownOneIsNotTrustedByAnEmptyName) {
  EXPECT_FALSE(is_trusted_filesystem(0x1234, {""}));
  EXPECT_FALSE(is_trusted_filesystem(0, {"", "0"}));
}

}  // namespace
}  // namespace sifguard
