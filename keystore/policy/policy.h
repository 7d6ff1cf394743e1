// Image bindings and the decision that is made from them. Pure: no file, no clock, no name service.
//
// images.yaml is read strictly (libyaml): an unknown or repeated field, an anchor, a tag or an
// empty list rejects the whole file. All bindings that match must allow. Within one, deny overrides
// allow, all dimensions must match, and of each dimension one value. An unknown fact that a binding
// limits refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/release.h"

namespace sifguard {

/// Whose signatures a binding requires, as signer ids (signer_id.h). It is met when one of `any_of`
/// (if not empty) and each of `all_of` signed every group.
struct SignerRequirement {
  std::vector<std::string> any_of;
  std::vector<std::string> all_of;
  std::optional<std::int64_t> signed_after;  ///< Unix seconds; only OpenPGP signatures have a date
  bool legacy =
      false;  ///< signatures of the form before Singularity 3.6 count, too, object by object
  bool no_strangers =
      false;  ///< every signature of the image must be good and by a signer named here
  bool operator==(const SignerRequirement&) const = default;
};

/// As the only value in `users` of an allow or deny: any user. A binding for everyone is written
/// `allow: {users: ["*"]}`; no other value is a pattern.
inline constexpr std::string_view kAnyUser = "*";

/// Dimensions of an allow or deny; an absent one is unconstrained, an empty list is an error.
struct Audience {
  std::optional<std::vector<std::string>> users, groups, accounts, partitions, qos, reservations,
      nodes;
  bool operator==(const Audience&) const = default;
};

struct RuntimeRule {
  /// What users may set, of "bind", "env", "nv", "rocm"; absent: all. Empty (written `[none]`):
  /// nothing.
  std::optional<std::vector<std::string>> allow;
  std::vector<std::string> binds;  ///< SRC[:DST[:ro]], always added; absolute, no ',' and no '..'
  bool contain = false;
  bool operator==(const RuntimeRule&) const = default;
};

enum class Mode { enforce, warn };

struct Binding {
  std::string name;
  std::vector<std::string> match;     ///< patterns, as canonical_pattern() makes them
  std::optional<std::string> digest;  ///< "sha256:" + 64 lower-case digits
  SignerRequirement signers;
  std::optional<std::string> key;  ///< reference of the decryption key; absent: not encrypted
  Audience allow;                  ///< at least one dimension
  std::optional<Audience> deny;
  std::optional<std::int64_t> not_before;  ///< Unix seconds; a date is its first second, UTC
  std::optional<std::int64_t> not_after;   ///< Unix seconds; a date is its last second, UTC
  Mode mode = Mode::enforce;
  std::optional<Release> release;  ///< absent: the node's own, from sifguard.yaml
  bool preloaded =
      false;  ///< only images that were staged ahead of the job (decide_for_staging()) run
  RuntimeRule runtime;
  int line = 0;  ///< where it starts in images.yaml, for messages
  bool operator==(const Binding&) const = default;
};

/// A grant that lets one user pass one binding for a time: see keystore/store/break_glass.h. It
/// replaces the binding's `allow`, and the audience of the rule of the binding's key; `deny`,
/// `not_after`, signers and everything else still apply.
struct BreakGlass {
  std::string id;  ///< for the audit log
  std::string binding, user;
  std::int64_t since = 0, until = 0;  ///< Unix seconds; invalid if more than kMaxBreakGlass apart
};
inline constexpr std::int64_t kMaxBreakGlass = std::int64_t{24} * 3600;

struct Policy {
  std::vector<Binding> bindings;
  std::vector<BreakGlass> break_glass = {};  ///< not from images.yaml: the caller adds them
};

/// The images file of a keystore that binds nothing yet.
inline constexpr std::string_view kEmptyImages = "version: 1\ndefault: reject\nimages: []\n";

/// The name of the images file, in a keystore and in messages.
inline constexpr const char* kImagesFile = "images.yaml";

/// The largest images file that is read.
inline constexpr std::size_t kMaxImagesSize = std::size_t{16} << 20U;

/// Parses images.yaml (at most kMaxImagesSize). Errors: Code::config, "images.yaml:LINE: …".
[[nodiscard]] Result<Policy> parse_policy(std::string_view yaml);

/// `pattern` matches whole path components: '*' and '?' and [set] never match '/', and a leading
/// dot only literally; '**' as a component matches any number of them (none included) that do not
/// start with a dot. '?' and a set match one character, and [!set] any other. A URI pattern matches
/// a URI component by component in the same way. Text that is not normal (for a URI: no "." or
/// "..", no empty component, nothing but a host and port as its first) matches nothing. The cost is
/// at most the product of the two lengths.
[[nodiscard]] bool matches_text(std::string_view pattern, std::string_view image);
[[nodiscard]] bool matches_image(std::string_view pattern, const ImageName& image);

/// Whether the pattern matches, or may match, an image with these names: it matches a known name,
/// or could match a possible one.
[[nodiscard]] bool may_match(std::string_view pattern, const ImageNames& names);
/// selects(): whether a binding is for the image. concerns(): whether it must allow the image; true
/// for all that select it.
[[nodiscard]] bool selects(const Binding& binding, const ImageNames& names);
[[nodiscard]] bool concerns(const Binding& binding, const ImageNames& names);

/// Facts that Slurm and the node vouch for. An unknown fact is nullopt, never empty; only an empty
/// `reservation` means that the job is known to have none.
struct Facts {
  std::string user;
  std::vector<std::string> groups;  ///< names of primary and supplementary groups
  std::optional<std::string> account, partition, qos, reservation, node;
  std::int64_t now = 0;  ///< Unix seconds
  /// Names of the image: as typed and, once opened, its canonical path or the other tags of its
  /// repository that mean it. Bindings that match any of them all apply.
  ImageNames image_names;
};

/// Permission to continue, and its conditions. Only decide() makes one.
class Decision {
 public:
  [[nodiscard]] const std::vector<std::string>& bindings() const noexcept { return bindings_; }
  /// All of these must be met (one for each matching binding).
  [[nodiscard]] const std::vector<SignerRequirement>& signers() const noexcept { return signers_; }
  /// All signer ids named anywhere in signers(), sorted, unique.
  [[nodiscard]] std::vector<std::string> named_signers() const;
  [[nodiscard]] const std::optional<std::string>& key() const noexcept { return key_; }
  [[nodiscard]] const std::optional<std::string>& digest() const noexcept { return digest_; }
  [[nodiscard]] Mode mode() const noexcept { return mode_; }  ///< enforce if any binding enforces
  [[nodiscard]] const RuntimeRule& runtime() const noexcept { return runtime_; }
  /// `mount` if any binding says so, because then no key leaves root. Absent: no binding says
  /// anything.
  [[nodiscard]] const std::optional<Release>& release() const noexcept { return release_; }
  [[nodiscard]] bool preloaded() const noexcept { return preloaded_; }  ///< if any binding says so
  /// Made by decide_for_staging(): it permits no launch and no key for a user.
  [[nodiscard]] bool for_staging() const noexcept { return for_staging_; }
  /// Ids of the break-glass grants that replaced an `allow`; usually empty.
  [[nodiscard]] const std::vector<std::string>& break_glass() const noexcept {
    return break_glass_;
  }
  /// The id of the break-glass grant that may replace the audience of the key's own rule.
  [[nodiscard]] const std::optional<std::string>& key_break_glass() const noexcept {
    return key_break_glass_;
  }

 private:
  Decision() = default;
  friend Result<Decision> decide(const Policy& policy, const Facts& facts);
  friend Result<Decision> narrow(Decision decision, std::string_view signer);
  friend Result<Decision> decide_for_staging(const Policy& policy, const Facts& facts);
  Status add(const Binding& binding);
  Status take(const Binding& binding, const ImageNames& names);
  Status check_found(const Facts& facts) const;
  bool found_ = false;         ///< a binding is for the image
  std::string only_possible_;  ///< the first that may be for the image
  std::vector<std::string> bindings_;
  std::vector<SignerRequirement> signers_;
  std::optional<std::string> key_;
  std::optional<std::string> digest_;
  Mode mode_ = Mode::enforce;
  RuntimeRule runtime_;
  std::optional<Release> release_;
  bool preloaded_ = false;
  bool for_staging_ = false;
  std::vector<std::string> break_glass_;
  std::optional<std::string> key_break_glass_;
};

/// Whether a binding for the image is limited by a fact about the job that is not known yet.
[[nodiscard]] bool wants_job_facts(const Policy& policy, const Facts& facts);

/// Errors: Code::denied, which names the binding and the dimension that refused; bindings that name
/// different keys or digests for one image contradict each other and refuse, too. (Keys are
/// compared as text, so the bindings of one image must use the same reference.) Of the runtime
/// rules, users may add what every binding allows, and everything that any binding adds is added.
[[nodiscard]] Result<Decision> decide(const Policy& policy, const Facts& facts);

/// Also requires a signature by `signer` (signer_id.h, in any form). A matching binding must name
/// this signer, because users do not decide whose signatures are checked. Errors: Code::usage for
/// its form, Code::denied.
[[nodiscard]] Result<Decision> narrow(Decision decision, std::string_view signer);

/// What the bindings of an image require of it, whoever will run it: for root, filling a node's
/// cache ahead of jobs. Of `facts` only the image's names are used.
[[nodiscard]] Result<Decision> decide_for_staging(const Policy& policy, const Facts& facts);

}  // namespace sifguard
