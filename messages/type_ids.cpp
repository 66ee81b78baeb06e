#include "messages/type_ids.hpp"

#include "messages/assembler.hpp"
#include "messages/batch_source.hpp"
#include "messages/batch_stream.hpp"
#include "messages/connection.hpp"
#include "messages/consumer.hpp"
#include "messages/fetcher.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"
#include "messages/batch_cache.hpp"
#include "messages/batch_provider.hpp"
#include "messages/inspector.hpp"
#include "messages/listener.hpp"
#include "messages/name_resolver.hpp"
#include "messages/server.hpp"
#include "messages/session_recorder.hpp"
#include "messages/status_code.hpp"
#include "wire/batch.hpp"

#include <caf/init_global_meta_objects.hpp>

namespace dispatch {

void init_message_types() {
  caf::init_global_meta_objects<caf::id_block::dispatch>();
}

} // namespace dispatch
