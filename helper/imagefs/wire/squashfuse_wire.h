// How root starts `sifguard-squashfuse`: its descriptors and arguments. Both sides.
//
//   sifguard-squashfuse PROGRAM OFFSET UID GID
//
// PROGRAM is squashfuse_ll, absolute; the squashfs begins at OFFSET of kImage; its files are shown
// as those of UID and GID.
#pragma once

namespace sifguard::squashfuse_fd {
inline constexpr int kFuse = 3;   ///< of /dev/fuse, mounted with a directory as its root
inline constexpr int kImage = 4;  ///< read only, and readable for the account
inline constexpr int kGo =
    5;  ///< root closes it when the process has been moved to its final cgroup
inline constexpr int kOwner = 6;  ///< pidfd of the process that it must not outlive; or closed
inline constexpr int kLog = 7;    ///< takes lines, one write each; or closed
}  // namespace sifguard::squashfuse_fd
