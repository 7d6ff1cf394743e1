// The object groups of an image, and what the report says about its structure. Sandboxed verifier.
#include "helper/verify/sandbox/image_groups.h"

#include <algorithm>

namespace sifguard {

using sif::DataType;
using sif::Descriptor;

Groups find_groups(const sif::Image& image) {
  Groups groups;
  for (std::size_t i = 0; i < image.objects.size(); ++i) {
    const Descriptor& object = image.objects[i];
    if (object.group == 0) continue;
    Group& group = groups[object.group];
    group.lowest_id = std::min(group.lowest_id, object.id);
    group.objects.emplace(object.id, i);
    group.has_signatures |= object.type == DataType::signature;
  }
  std::erase_if(groups, [&](const auto& group) {
    return std::all_of(
        group.second.objects.begin(), group.second.objects.end(),
        [&](const auto& one) { return image.objects[one.second].type == DataType::signature; });
  });
  return groups;
}

void describe_structure(const sif::Image& image, const Groups& groups, VerifierReport& report) {
  report.image_size = image.file_size;
  for (const auto& [id, group] : groups) {
    GroupFact fact;
    fact.id = id;
    for (const auto& [object, index] : group.objects) {
      if (image.objects[index].type != DataType::signature) fact.objects.push_back(object);
    }
    report.groups.push_back(std::move(fact));
  }
  for (const Descriptor& object : image.objects) {
    if (object.group == 0 && object.type != DataType::signature) {
      report.ungrouped.push_back(object.id);
    }
  }
  std::sort(report.ungrouped.begin(), report.ungrouped.end());
  if (image.primary) {
    const Descriptor& primary = image.objects[*image.primary];
    report.primary_partition_id = primary.id;
    report.primary_fstype = static_cast<std::int32_t>(primary.partition->file_system);
    report.primary = {primary.offset, primary.size};
    report.architecture = sif::architecture_name(primary.partition->arch_code);
  }
  if (image.crypto_message) {
    const Descriptor& message = image.objects[*image.crypto_message];
    report.message = CryptoMessageFact{message.offset, message.size};
  }
}

}  // namespace sifguard
