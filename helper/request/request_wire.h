// Byte layout of the messages between slurmstepd (root, libc only) and `sifguard-helper` (root).
//
// Plain data and constants, usable without the C++ standard library. Both ends run on one node, so
// integers are in native byte order. A request is a Header and then records, each a RecordHeader
// followed by `length` bytes, without padding; strings carry no NUL. The helper reads to the end of
// the stream, does its work, and writes one Answer as its last act before it exits with status 0.
// Before that it may write Progress messages, which have the form of an Answer, about what it is
// doing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sifguard::wire {

inline constexpr std::uint32_t kRequestMagic = 0x51524753;   ///< "SGRQ"
inline constexpr std::uint32_t kAnswerMagic = 0x4e414753;    ///< "SGAN"
inline constexpr std::uint32_t kProgressMagic = 0x52504753;  ///< "SGPR"
inline constexpr std::uint32_t kVersion = 3;

/// The descriptor on which the helper finds the socket.
inline constexpr int kHelperFd = 3;

// Limits. One message has room for the groups and every kind of string, each at its largest.
inline constexpr std::size_t kMaxMessage = std::size_t{1} << 20;
inline constexpr std::size_t kMaxString = 4096;  ///< every string, also each bind and variable
inline constexpr std::size_t kMaxBinds = 64;
inline constexpr std::size_t kMaxVariables = 64;
inline constexpr std::size_t kMaxGroups = 65536;  ///< the kernel's NGROUPS_MAX

struct Header {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t size;  ///< of the whole message, this header included
};

struct RecordHeader {
  std::uint32_t tag;
  std::uint32_t length;
};

/// All tasks of a step on a node ask the same, so a request does not contain their ranks. Every tag
/// occurs at most once, except bind and variable; all tags up to and including node are required.
enum Tag : std::uint32_t {
  kTagUid = 1,           ///< uint32_t, like all numbers here
  kTagGid = 2,           ///< uint32_t
  kTagGroups = 3,        ///< uint32_t each; may be empty
  kTagJob = 4,           ///< uint32_t
  kTagStep = 5,          ///< uint32_t, Slurm's special ids included
  kTagNodeId = 6,        ///< uint32_t, rank of the node in the job
  kTagCwd = 7,           ///< string, absolute
  kTagNode = 8,          ///< string
  kTagImage = 9,         ///< string; absent when only enforcement is asked about
  kTagBind = 10,         ///< string
  kTagVariable = 11,     ///< string, NAME=VALUE or NAME
  kTagBatchScript = 12,  ///< string, absolute
  kTagSigner = 13,       ///< string
  kTagWorkdir = 14,      ///< string, absolute
  kTagFlags = 15,        ///< uint32_t, of Flag
};

enum Flag : std::uint32_t {
  kFlagQuiet = 1,
  kFlagRun = 2,  ///< the image's runscript, not the command alone
  kFlagNv = 4,
  kFlagRocm = 8,
  kFlagContain = 16,
  kFlagVerbose = 32,
  kFlagNodeEnforces = 1 << 16,  ///< plugstack.conf's word, not the user's
  kAllFlags = 63 | kFlagNodeEnforces,
};

/// What the helper answers. Valid when answer_is_valid().
struct Answer {
  std::uint32_t magic;
  std::uint32_t version;
  std::int32_t exit_status;  ///< 0: launch; else end the task with this status (below)
  std::uint32_t enforced;    ///< 1: the step may only run through the launcher; else 0
  char message[1024];  ///< one printable line for the job's owner, NUL-terminated; with exit_status
                       ///< 0 it is a notice, which is usually empty
};
static_assert(sizeof(Answer) == 1040);

// Exit statuses that the plugin itself chooses. keystore/base/error.h, which the plugin cannot
// include, has all of them; tests/unit/request compares the two lists.
inline constexpr int kExitUsage = 64;
inline constexpr int kExitUnavailable = 69;
inline constexpr int kExitInternal = 70;
inline constexpr int kExitTemporary = 75;
inline constexpr int kExitConfig = 78;

[[nodiscard]] inline bool is_text(const char (&message)[sizeof Answer::message]) noexcept {
  for (const char c : message) {
    if (c == '\0') return true;
  }
  return false;
}

[[nodiscard]] inline bool answer_is_valid(const Answer& answer) noexcept {
  if (answer.magic != kAnswerMagic || answer.version != kVersion || answer.enforced > 1) {
    return false;
  }
  if (answer.exit_status != 0 &&
      (answer.exit_status < kExitUsage || answer.exit_status > kExitConfig)) {
    return false;
  }
  return is_text(answer.message);
}

/// Whether the message is not an answer but Progress: it names the step that now takes long,
/// "copying lolcow.sif (12.3 GiB)", or is empty when that is over. It neither permits nor refuses
/// anything.
[[nodiscard]] inline bool is_progress(const Answer& message) noexcept {
  return message.magic == kProgressMagic && message.version == kVersion &&
         message.exit_status == 0 && message.enforced == 0 && is_text(message.message);
}

}  // namespace sifguard::wire
