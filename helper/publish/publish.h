// Publishing an image: it is verified, re-encrypted under a key of its own, signed by the site, and
// put where nodes run it in place. Root on an admin's host.
//
// The order is file, key, binding: a crash leaves at worst a file and a key that no binding names,
// that nobody can use, and that `sifctl image unpublish` removes. The file gets its name
// atomically: of two publications under one name the second is refused.
#pragma once

#include <functional>
#include <string>

#include "helper/pipeline/node.h"
#include "helper/verify/examine.h"

namespace sifguard {

struct PublishRequest {
  std::string image;
  std::string name;      ///< of the file (NAME.sif), or empty: the image's own
  bool dry_run = false;  ///< verify and change nothing
  Trust trust;
  /// Called when work on so many bytes begins, with its name ("copying"); on_done is then called
  /// with the number of further bytes that are done.
  std::function<void(const char*, std::uint64_t)> on_phase = [](const char*, std::uint64_t) {};
  std::function<void(std::uint64_t)> on_done = [](std::uint64_t) {};
};

struct Publication {
  std::string source;   ///< canonical path
  std::string path;     ///< where it is published
  std::string binding;  ///< "published-NAME"
  std::string digest;   ///< "sha256:…"; of the source in a dry run
  std::string
      signer;  ///< the site's signer, "spki:…"; empty in a dry run that would make the site's key
  std::string key;  ///< name of the image's own key; empty for an image that is not encrypted
  std::vector<std::string> verified;  ///< signers of the source
  std::string bound_by;               ///< the binding that it was verified under
};

/// After an error nothing is left. Errors: everything that would refuse a launch; Code::usage when
/// the name is taken; Code::denied when another binding also matches the place; Code::temporary
/// when the binding was changed meanwhile.
[[nodiscard]] Result<Publication> publish_image(const PublishRequest& request, Node& node,
                                                const ExamineOptions& examination);

}  // namespace sifguard
