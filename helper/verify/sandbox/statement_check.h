// Compares the statements of signatures with the image: which data must be hashed, and what
// matches. Runs in the sandboxed verifier.
#pragma once

#include <optional>
#include <vector>

#include "helper/verify/sandbox/image_groups.h"
#include "helper/verify/sandbox/parallel_hash.h"
#include "helper/verify/sandbox/signature_object.h"

namespace sifguard {

class StatementCheck {
 public:
  /// The arguments must outlive this.
  StatementCheck(const sif::Image& image, const Groups& groups);

  /// Notes which digests this candidate needs. A candidate whose statement is about nothing in the
  /// image becomes malformed.
  void add(SignatureCandidate& candidate);

  /// Requests another digest of one object's data, independent of signatures. Call it before
  /// hash().
  void want(std::size_t object, DigestAlgorithm algorithm);
  /// Call it after hash(). Empty if nobody requested the digest.
  [[nodiscard]] const std::optional<Digest>& found(std::size_t object,
                                                   DigestAlgorithm algorithm) const;

  /// Reads the data in one pass. Errors: those of hash_objects().
  Status hash(int fd, Workers* workers, std::uint64_t* progress = nullptr);

  /// Completes the candidate's report: what is covered, and whether everything matches.
  Status compare(SignatureCandidate& candidate) const;

 private:
  void add_current(const SignatureCandidate& candidate, const Group& group);
  void add_legacy(SignatureCandidate& candidate, const Group& group);
  [[nodiscard]] Result<std::string> misfit(const Group& group, const ObjectStatement& entry) const;
  Status compare_current(SignatureCandidate& candidate, const Group& group) const;
  void compare_legacy(SignatureCandidate& candidate, const Group& group) const;

  const sif::Image& image_;
  const Groups& groups_;
  std::vector<HashRequest> requests_;  ///< one for each object of the image
  std::vector<HashChain> chains_;
};

}  // namespace sifguard
