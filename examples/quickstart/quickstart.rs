use lpchat::{ChatRequest, Client, ClientOptions};

fn main() -> lpchat::Result<()> {
    let sandbox = std::env::args().nth(1).expect("the line that `lpchat-sandbox` prints");
    let client = Client::new(ClientOptions { sandbox: Some(sandbox.into()), ..Default::default() })?;
    let chat = client.visitor().start_chat(ChatRequest { skill: Some("Sales".into()), ..Default::default() })?;
    println!("{:?}", chat.retrieve_information()?.state);
    Ok(())
}
