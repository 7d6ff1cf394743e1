// Signs an image: the work of sif-sign without its command line. The user's rights.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "helper/sif/image.h"
#include "helper/sif/rewrite.h"
#include "helper/tools/signer.h"
#include "keystore/base/error.h"

namespace sifguard {

struct SignRequest {
  std::string image;
  std::optional<std::uint32_t> group;  ///< absent: every group
  bool replace = false;                ///< remove the signer's earlier signatures of these groups
  bool show_progress = true;
  std::int64_t now = 0;  ///< Unix seconds, for the image
  /// Called with the copy that is about to be signed, which nobody else can change any more.
  /// Returns further signatures to remove; an error aborts the signing. May be empty.
  std::function<Result<std::vector<std::uint32_t>>(int fd, const sif::Image& image)> also_remove;
  sif::ImageRewrite::OnNamed on_named;
};

struct MadeSignature {
  std::uint32_t group = 0;
  std::uint32_t object_id = 0;
  std::vector<std::uint32_t> covered;  ///< ids of the objects, ascending
};

struct SignResult {
  std::string path;  ///< of the file that was replaced
  std::string form;  ///< this and the next two as in Signer
  std::string signer;
  std::string policy_name;
  std::vector<MadeSignature> signatures;
  std::vector<std::uint32_t> removed;    ///< ids of earlier signatures
  std::vector<std::uint32_t> ungrouped;  ///< objects that no signature can cover
  bool owner_kept = true;
  std::uint64_t other_names = 0;  ///< hard links, which keep the old image
};

/// Checks the image, calls `load_signer` once it is known that the image can be signed, and signs.
/// The image is replaced as ImageRewrite does, or not at all. Errors: Code::refused when the image
/// violates the format, lacks the group, has no room, or already has a signature of this signer;
/// those of ImageRewrite and of the signer.
[[nodiscard]] Result<SignResult> sign_image(
    const SignRequest& request,
    const std::function<Result<std::unique_ptr<Signer>>()>& load_signer);

}  // namespace sifguard
