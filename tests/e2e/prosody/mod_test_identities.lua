-- On the clients' host: where each component is, as clients and the focus ask by disco#info.
for kind, address in pairs(module:get_option("test_components")) do
	module:add_identity("component", kind, address);
end
