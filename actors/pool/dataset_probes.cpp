#include "actors/pool/dataset_probes.hpp"

#include <caf/all.hpp>

namespace dispatch::pool {

void dataset_probes::on_tick() {
  for (const auto& about : pool_.scheduler.find_questions(pool_.now()))
    ask(about);
}

void dataset_probes::ask(const policy::call_scheduler::question& about) {
  const auto fetcher = slots_.ready_fetcher(about.upstream);
  if (fetcher == nullptr)
    return;
  // Where it says no, or nothing, it is asked again later.
  pool_.self->request(fetcher, caf::infinite, check_health{})
    .then([this, fetcher, about](const std::string&) { ask_for_description(fetcher, about); },
          [](const caf::error&) {});
}

void dataset_probes::ask_for_description(const fetcher_actor& fetcher, const policy::call_scheduler::question& about) {
  pool_.self->request(fetcher, caf::infinite, describe_dataset{about.dataset})
    .then([this, about](const dataset_description&) { note_found(about); },
          [this, about](const caf::error& reason) {
            // It describes none at all.
            if (to_failure(reason).code == status_code::unimplemented)
              note_found(about);
          });
}

void dataset_probes::note_found(const policy::call_scheduler::question& about) {
  pool_.scheduler.note_may_have(about.upstream, about.dataset);
  on_found_();
}

} // namespace dispatch::pool
